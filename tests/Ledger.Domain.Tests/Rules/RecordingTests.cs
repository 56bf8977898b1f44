using Ledger.Domain.Common;
using Ledger.Domain.Control;
using Ledger.Domain.Partenariats;
using Ledger.Domain.Procedures;
using static Ledger.Tests.SampleHistory;

namespace Ledger.Domain.Tests.Rules;

/// <summary>Who records what, and who rectifies it: art. 7, 9.1, 12.</summary>
public sealed class RecordingTests
{
    private readonly BaseCase _case = new();

    [Fact]
    public void What_the_Caf_records_for_the_partner_cites_its_document()
    {
        var (conv, agent, day) = (BaseCase.Conv, AgentId.Parse("a3"), Day("2024-02-01"));
        ICommand[] acts =
        [
            new DesignateGestionnaire(new(conv, agent, GestionnaireRank.Suppleant, day)),
            new RevokeGestionnaire(conv, BaseCase.G1.Id, day),
            new AttachAgent(new(conv, agent, "x", day)),
            new DeclareAutomaton(new(conv, AgentId.Parse("robot"), agent, day)),
        ];
        foreach (var act in acts)
        {
            _case.Refused(BaseCase.Caf0, act, act: null).ShouldBe("document-of-the-partenaire");
            _case.Do(BaseCase.Caf0, act, "letter of 2024-01-30");
        }
    }

    [Fact]
    public void A_party_records_its_own_formalities_and_the_Caf_the_partners_on_its_document()
    {
        _case.Refused(BaseCase.G1, Formality(Party.Caf)).ShouldBe("own-formality");
        _case.Refused(BaseCase.Caf0, Formality(Party.Partenaire), act: null).ShouldBe("document-of-the-partenaire");
        _case.Do(BaseCase.Caf0, Formality(Party.Partenaire), "receipt 12");
        _case.Do(BaseCase.Caf0, Formality(Party.Caf), act: null);
        _case.Do(BaseCase.G1, Formality(Party.Partenaire), act: null);
    }

    [Fact]
    public void Only_the_Caf_that_recorded_or_whose_convention_it_is_rectifies()
    {
        var mutation = _case.Transfer("m1", BaseCase.C0, "t1", BaseCase.C1, "2024-05-01");
        var theirs = _case.Transfer("y1", BaseCase.C1, "z1", BaseCase.C1, "2024-05-01", BaseCase.Caf1);
        _case.Take("breach-noticed", "p1", "2024-03-01", Party.Caf, ("breaches", "passwords"));
        var notice = _case.World.Next - 1;
        _case.AttachFile("m2", "76540");
        var attachment = _case.World.Next - 1;
        _case.Do(
            BaseCase.Caf0,
            new TakeStep(
                "investigation-opened",
                new ProcedureStep(
                    ProcedureId.Parse("i1"),
                    null,
                    Party.Caf,
                    Day("2024-06-01"),
                    "x",
                    new Dictionary<string, string>(),
                    []
                )
            )
        );
        var investigation = _case.World.Next - 1;
        foreach (var of in new[] { mutation, notice, attachment, investigation })
        {
            _case.Refused(BaseCase.Caf1, new Rectify(of, "x")).ShouldBe("caf-of-what-is-rectified");
            _case.Do(BaseCase.Caf0, new Rectify(of, "x"));
        }

        _case.Refused(BaseCase.Caf0, new Rectify(theirs, "x")).ShouldBe("caf-of-what-is-rectified");
        _case.Do(BaseCase.Caf1, new Rectify(theirs, "x"));
    }

    private static RecordCnilFormality Formality(Party party) =>
        new(new(BaseCase.Conv, party, "f-9", FormalityOutcome.Favourable, Day("2024-02-01")));
}
