using Ledger.Domain.Common;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Knowing;
using Ledger.Domain.Partenariats;
using Ledger.Domain.Rights;
using static Ledger.Tests.SampleHistory;

namespace Ledger.Domain.Tests.Rules;

/// <summary>All reasons that hold are told, and every act that shaped a term is cited.</summary>
public sealed class ReasonTests
{
    private readonly BaseCase _case = new();

    [Fact]
    public void Revoked_and_invalidated_are_both_told()
    {
        _case.Grant();
        _case.Do(BaseCase.Caf0, new InvalidateHabilitation(new(BaseCase.H1, BaseCase.Moment("2024-05-01"), "misuse")));
        _case.Do(BaseCase.G1, new RevokeHabilitation(new(BaseCase.H1, BaseCase.Moment("2024-04-01"), "over")));
        _case.Consult().Reasons.ShouldBe([Reason.HabilitationRevoked, Reason.HabilitationInvalidated]);
        _case.Consult("2024-04-15").Reasons.ShouldBe([Reason.HabilitationRevoked]);
    }

    [Fact]
    public void Who_modified_a_right_later_adds_nothing_to_what_was_cited_before()
    {
        _case.Designate("g2", "2024-01-10");
        _case.Grant();
        var departure = _case.World.Next;
        _case.Departs("g2", "2024-02-01");
        _case.Rectify(departure);
        var then = _case.World.Known;
        _case.Modify("2024-03-01", BaseCase.Of("g2"), until: "2024-12-31");
        var view = _case.World.Known.AsKnownAt(then.Position);
        var at = BaseCase.Moment("2024-02-15");
        Cited(view).ShouldBe(Cited(then));
        Cited(_case.World.Known).ShouldContain(departure + 1);

        IReadOnlyList<long> Cited(Knowledge known)
        {
            var person = known.Dossiers.PersonOf(new("m1", BaseCase.C0), at);
            return Access.At(known.Habilitations.Single(), person, at, known).Because;
        }
    }

    [Fact]
    public void Of_a_purpose_is_told_whether_it_is_among_the_missions_the_enrolment_and_the_grant()
    {
        _case.Grant();
        _case.Consult(purpose: BaseCase.Logement).Reasons.ShouldBe([Reason.PurposeNotGranted]);
        _case
            .Consult(purpose: Purpose.Parse("curiosity"))
            .Reasons.ShouldBe(
                [Reason.PurposeOutsideMissions, Reason.PurposeNotEnrolled, Reason.PurposeNotGranted],
                ignoreOrder: true
            );
        _case.Enrol("2024-04-01", BaseCase.Whole, purposes: [BaseCase.Logement]);
        _case.Consult().Reasons.ShouldBe([Reason.PurposeNotEnrolled]);
        _case.Do(
            BaseCase.Caf0,
            new AmendConvention(
                new(
                    BaseCase.Conv,
                    "1",
                    Day("2024-05-01"),
                    Day("2024-05-01"),
                    Day("2024-05-01"),
                    [BaseCase.Logement],
                    "x"
                )
            )
        );
        _case.Consult().Reasons.ShouldBe([Reason.PurposeOutsideMissions, Reason.PurposeNotEnrolled]);
    }

    [Fact]
    public void Before_any_enrolment_only_that_is_told()
    {
        _case.Grant();
        _case.Consult("2024-01-04").Reasons.ShouldContain(Reason.ProfilNotEnrolled);
        _case.Consult("2024-01-04").Reasons.ShouldNotContain(Reason.PurposeNotEnrolled);
    }

    [Fact]
    public void Every_act_that_shaped_a_term_is_cited_also_one_that_a_later_act_overrode()
    {
        _case.Grant();
        _case.Modify("2024-03-01", BaseCase.G1, until: "2024-12-01");
        _case.Modify("2024-04-01", BaseCase.G1, until: "2024-12-15");
        _case.Consult().Because.ShouldContain(_case.World.Next - 1);
        _case.Consult().Because.ShouldContain(_case.World.Next - 2);
    }

    [Fact]
    public void Without_a_claim_the_right_with_the_fewest_reasons_is_judged_and_of_those_the_one_granted_last()
    {
        _case.Grant(BaseCase.Granted(at: "2024-01-21T09:00:00Z"));
        _case.Grant(BaseCase.Granted("h2", at: "2024-01-20T09:00:00Z"));
        _case.Consult().Habilitation.ShouldBe(BaseCase.H1);
        _case.Suspend("2024-05-01", BaseCase.G1);
        _case.Consult().Habilitation.ShouldBe(HabilitationId.Parse("h2"));
    }

    [Fact]
    public void A_consultation_through_a_profile_that_the_catalogue_does_not_have_is_recorded_and_says_so()
    {
        _case.Grant();
        var unknown = ProfilCode.Parse("T9");
        _case.Consult(profil: unknown).Reasons.ShouldBe([Reason.ProfilNotInCatalogue, Reason.ProfilNotGranted]);
        var recorded = (Consultations.ConsultationRecorded)
            _case.Do(
                BaseCase.Of("a1"),
                Consultation(
                    1,
                    "2024-06-01T12:00:00Z",
                    BaseCase.Use("2024-06-01", DossierOf(1)) with
                    {
                        Profil = unknown,
                    }
                )
            );
        recorded.Verdict.Reasons.ShouldContain(Reason.ProfilNotInCatalogue);
    }

    [Fact]
    public void Without_any_right_the_profile_that_the_catalogue_does_not_have_is_told_too()
    {
        var unknown = ProfilCode.Parse("T9");
        _case.Consult(profil: unknown).Reasons.ShouldBe([Reason.ProfilNotInCatalogue, Reason.NoHabilitation]);
        _case
            .Consult(profil: unknown, claimed: "none")
            .Reasons.ShouldBe([Reason.ProfilNotInCatalogue, Reason.HabilitationUnknown]);
    }

    [Fact]
    public void Formalities_count_by_reference_and_each_ones_latest_outcome()
    {
        _case.Grant();
        Formality("f-second", FormalityOutcome.Unfavourable, "2024-04-01");
        _case.Consult("2024-03-31").Authorised.ShouldBeTrue();
        _case.Consult("2024-04-15").Reasons.ShouldBe([Reason.FormalitiesIncomplete]);
        Formality("f-second", FormalityOutcome.NotRequired, "2024-05-01");
        _case.Consult().Authorised.ShouldBeTrue();
        Formality("f-Caf", FormalityOutcome.Unfavourable, "2024-05-15");
        _case.Consult().Reasons.ShouldBe([Reason.FormalitiesIncomplete]);

        void Formality(string reference, FormalityOutcome outcome, string on) =>
            _case.Do(
                BaseCase.Caf0,
                new RecordCnilFormality(new(BaseCase.Conv, Party.Caf, reference, outcome, Day(on)))
            );
    }
}
