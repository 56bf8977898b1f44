using Ledger.Domain.Common;
using Ledger.Domain.Dossiers;
using Ledger.Domain.Rights;
using static Ledger.Tests.SampleHistory;

namespace Ledger.Domain.Tests.Rules;

/// <summary>A right is judged on the person, as she was at the moment: art. 5.1, 9.2.</summary>
public sealed class PersonTests
{
    private readonly BaseCase _case = new();

    [Fact]
    public void A_right_on_her_file_learnt_after_the_consultation_authorises_it()
    {
        _case.Consult().Reasons.ShouldBe([Reason.NoHabilitation]);
        _case.Grant(BaseCase.Granted(perimeter: new Perimeter.Files(["m1"])));
        _case.Consult().Authorised.ShouldBeTrue();
        _case.Consult(dossier: "m2").Reasons.ShouldBe([Reason.OutsidePerimeter]);
    }

    [Fact]
    public void A_commune_learnt_after_the_consultation_and_a_right_narrowed_to_it_authorise_it_and_are_cited()
    {
        _case.Grant();
        _case.AttachFile("m1", "76540");
        var attached = _case.World.Next - 1;
        _case.Modify("2024-03-01", BaseCase.G1, perimeter: Communes("76540"));
        var narrowed = _case.World.Next - 1;
        _case.Consult().Authorised.ShouldBeTrue();
        _case.Consult().Because.ShouldContain(attached);
        _case.Consult().Because.ShouldContain(narrowed);
        _case.Consult(dossier: "m2").Reasons.ShouldBe([Reason.OutsidePerimeter]);
    }

    [Fact]
    public void An_enrolment_narrowed_to_her_commune_covers_her_and_nobody_elsewhere()
    {
        _case.Grant();
        _case.AttachFile("m1", "76540");
        _case.Enrol("2024-05-01", Communes("76540"));
        _case.Consult().Authorised.ShouldBeTrue();
        _case.Consult("2024-04-01", "m2").Authorised.ShouldBeTrue();
        _case.Consult(dossier: "m2").Reasons.ShouldBe([Reason.OutsidePerimeter]);
    }

    [Fact]
    public void A_mutation_to_another_Caf_learnt_later_puts_her_outside_from_its_day_on()
    {
        _case.Grant();
        _case.Consult().Authorised.ShouldBeTrue();
        var mutation = _case.Transfer("m1", BaseCase.C0, "t1", BaseCase.C1, "2024-05-01");
        _case.Consult("2024-04-30T21:59:59Z").Authorised.ShouldBeTrue();
        _case.Consult("2024-04-30T22:00:00Z").Reasons.ShouldBe([Reason.OutsidePerimeter]);
        _case.Consult().Because.ShouldContain(mutation);
        _case.Consult(knownAt: mutation - 1).Authorised.ShouldBeTrue();
    }

    [Fact]
    public void Before_she_came_from_another_Caf_her_new_file_was_not_yet_there()
    {
        _case.Grant();
        _case.Transfer("m1", BaseCase.C1, "t1", BaseCase.C0, "2024-09-01");
        _case.Consult("2024-06-01", "t1").Reasons.ShouldBe([Reason.OutsidePerimeter]);
        _case.Consult("2024-09-01", "t1").Authorised.ShouldBeTrue();
    }

    [Fact]
    public void Under_her_old_number_she_is_judged_by_the_commune_of_the_new_one()
    {
        _case.Grant(BaseCase.Granted(perimeter: Communes("76540")));
        _case.Transfer("m1", BaseCase.C0, "t1", BaseCase.C0, "2024-05-01");
        _case.AttachFile("t1", "76540");
        _case.Consult().Authorised.ShouldBeTrue();
        _case.Consult(dossier: "t1").Authorised.ShouldBeTrue();
    }

    [Fact]
    public void Her_commune_stays_hers_when_her_number_changes_at_one_Caf()
    {
        _case.Grant(BaseCase.Granted(perimeter: Communes("76540")));
        _case.AttachFile("m1", "76540");
        _case.Transfer("m1", BaseCase.C0, "t1", BaseCase.C0, "2024-05-01");
        _case.Consult(dossier: "t1").Authorised.ShouldBeTrue();
    }

    [Fact]
    public void A_right_on_her_file_follows_her_to_a_new_number_at_one_Caf_and_not_to_another_Caf_and_back()
    {
        _case.Grant(BaseCase.Granted(perimeter: new Perimeter.Files(["m1"])));
        _case.Transfer("m1", BaseCase.C0, "t1", BaseCase.C0, "2024-05-01");
        _case.Consult(dossier: "t1").Authorised.ShouldBeTrue();
        _case.Transfer("t1", BaseCase.C0, "x1", BaseCase.C1, "2024-07-01");
        _case.Transfer("x1", BaseCase.C1, "n1", BaseCase.C0, "2024-09-01");
        _case.Consult("2024-10-01", "n1").Reasons.ShouldBe([Reason.OutsidePerimeter]);
        _case.Consult("2024-06-01", "n1").Authorised.ShouldBeTrue();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Of_two_mutations_on_one_day_the_order_is_that_of_the_chain(bool firstLearntFirst)
    {
        _case.Grant();
        (string From, CafCode FromCaf, string To, CafCode ToCaf)[] moves =
        [
            ("m1", BaseCase.C0, "x1", BaseCase.C1),
            ("x1", BaseCase.C1, "t1", BaseCase.C0),
        ];
        foreach (var move in firstLearntFirst ? moves : moves.Reverse())
        {
            _case.Transfer(move.From, move.FromCaf, move.To, move.ToCaf, "2024-05-01");
        }

        foreach (var file in new[] { "m1", "t1" })
        {
            _case.Consult("2024-04-01", file).Authorised.ShouldBeTrue();
            _case.Consult("2024-06-01", file).Authorised.ShouldBeTrue();
        }
    }

    [Fact]
    public void A_second_mutation_out_of_a_file_that_she_has_left_is_refused()
    {
        _case.Transfer("m1", BaseCase.C0, "t1", BaseCase.C1, "2024-05-01");
        Refused("m1", BaseCase.C0, "u1", BaseCase.C1, "2024-06-01").ShouldBe("mutation-once");
        Refused("m1", BaseCase.C0, "u1", BaseCase.C1, "2024-04-01").ShouldBe("mutation-once");
        Refused("y1", BaseCase.C0, "t1", BaseCase.C1, "2024-06-01").ShouldBe("mutation-once");
        _case.Transfer("t1", BaseCase.C1, "m1", BaseCase.C0, "2024-06-01");
        _case.Transfer("m1", BaseCase.C0, "u1", BaseCase.C1, "2024-07-01");
    }

    [Fact]
    public void Of_mutations_that_contradict_each_other_the_one_learnt_last_prevails()
    {
        _case.Grant();
        _case.Transfer("m1", BaseCase.C0, "t1", BaseCase.C1, "2024-05-01");
        var back = _case.Transfer("t1", BaseCase.C1, "m1", BaseCase.C0, "2024-06-01");
        _case.Transfer("m1", BaseCase.C0, "u1", BaseCase.C1, "2024-09-01");
        _case.Rectify(back);
        _case.Consult("2024-06-01").Authorised.ShouldBeTrue();
        _case.Consult("2024-10-01").Reasons.ShouldBe([Reason.OutsidePerimeter]);
    }

    [Fact]
    public void A_number_given_to_another_person_is_hers_from_her_coming_on()
    {
        _case.Transfer("m1", BaseCase.C0, "x1", BaseCase.C1, "2024-03-01");
        _case.Transfer("y1", BaseCase.C1, "m1", BaseCase.C0, "2024-09-01");
        var book = _case.World.Known.Dossiers;
        var file = new DossierIdentity("m1", BaseCase.C0);
        book.PersonOf(file, BaseCase.Moment("2024-06-01")).Stays[^1].Identity.Pseudonym.ShouldBe("x1");
        book.PersonOf(file, BaseCase.Moment("2024-10-01")).Stays[0].Identity.Pseudonym.ShouldBe("y1");
    }

    [Fact]
    public void The_commune_of_a_number_is_that_of_whoever_has_it_from_that_day_on()
    {
        _case.Grant(BaseCase.Granted(perimeter: Communes("76540")));
        _case.AttachFile("m1", "76540");
        _case.Transfer("m1", BaseCase.C0, "t1", BaseCase.C0, "2024-03-01");
        _case.Transfer("z9", BaseCase.C1, "m1", BaseCase.C0, "2024-04-01");
        _case.Consult(dossier: "m1").Reasons.ShouldBe([Reason.OutsidePerimeter], "nobody knows where she lives");
        _case.AttachFile("m1", "76351", "2024-04-15");
        _case.Consult(dossier: "t1").Authorised.ShouldBeTrue("the first is where she was");
        _case.Consult(dossier: "m1").Reasons.ShouldBe([Reason.OutsidePerimeter]);
        _case.AttachFile("m1", "76540", "2024-05-15");
        _case.Consult(dossier: "m1").Authorised.ShouldBeTrue();
    }

    [Fact]
    public void A_verdict_cites_the_rectification_of_what_was_said_of_her_number()
    {
        _case.Grant(BaseCase.Granted(perimeter: Communes("76540")));
        _case.AttachFile("m1", "76540");
        var attached = _case.World.Next - 1;
        _case.Rectify(attached);
        _case.Consult().Because.ShouldContain(attached + 1);
        var mutation = _case.Transfer("m2", BaseCase.C0, "t2", BaseCase.C1, "2024-05-01");
        _case.Rectify(mutation);
        _case.Consult(dossier: "m2").Because.ShouldContain(mutation + 1);
        _case.Consult(dossier: "m3").Because.ShouldNotContain(mutation + 1);
    }

    [Fact]
    public void When_who_she_was_can_no_longer_be_told_nobody_is_accused()
    {
        _case.Grant(BaseCase.Granted(perimeter: Communes("76540")));
        _case.Consult(dossier: null!).Reasons.ShouldBe([Reason.FileForgotten]);
        _case.Consult("2024-01-25", dossier: null!).Reasons.ShouldBe([Reason.HabilitationNotBegun]);
        _case.Modify("2024-03-01", BaseCase.G1, perimeter: BaseCase.Whole);
        _case.Consult(dossier: null!).Authorised.ShouldBeTrue();
        _case.Transfer("m1", BaseCase.C0, "t1", BaseCase.C1, "2024-05-01");
        _case.Consult(dossier: null!).Reasons.ShouldBe([Reason.FileForgotten]);
    }

    [Fact]
    public void What_a_verdict_rests_on_follows_her_mutations()
    {
        _case.Grant(BaseCase.Granted(perimeter: Communes("76540")));
        var mutation = _case.Transfer("m1", BaseCase.C0, "t1", BaseCase.C0, "2024-05-01");
        _case.AttachFile("t1", "76540");
        var bearing = _case.World.Known.Bearing(_case.World.Next, [BaseCase.P0], ["m1"]);
        bearing.Select(f => f.Position).ShouldBe(Enumerable.Range(0, (int)_case.World.Next).Select(p => (long)p));
        bearing.ShouldContain(f => f.Position == mutation);
        _case.World.Known.Bearing(_case.World.Next, [BaseCase.P0], ["m2"]).Count.ShouldBe((int)_case.World.Next - 2);
    }

    private string Refused(string from, CafCode fromCaf, string to, CafCode toCaf, string on) =>
        _case.Refused(BaseCase.Caf0, new RecordDossier(new DossierTransferred(from, fromCaf, to, toCaf, Day(on))));

    private static Perimeter.Communes Communes(string code) => new([CommuneCode.Parse(code)]);
}
