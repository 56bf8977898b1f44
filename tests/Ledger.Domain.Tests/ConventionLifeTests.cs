using Ledger.Domain.Common;
using Ledger.Domain.Consultations;
using Ledger.Domain.Control;
using Ledger.Domain.Dossiers;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Partenariats;
using Ledger.Domain.Procedures;
using Ledger.Domain.Rights;
using static Ledger.Tests.SampleHistory;

namespace Ledger.Domain.Tests;

public sealed class ConventionLifeTests
{
    private readonly World _world = World.UpToAGrant();

    [Theory]
    [InlineData("2026-02-28", "2026-03-01", "2026-05-28")]
    [InlineData("2025-11-30", "2026-02-15", "2026-02-28")]
    [InlineData("2026-01-15", "2026-05-20", "2026-05-20")]
    public void A_termination_cuts_the_right_at_its_effect_three_months_after_receipt_at_least(
        string received,
        string wished,
        string effect
    )
    {
        Take("termination-notified", received, Party.Partenaire, ("wished-on", wished));
        Judged(LegalTime.StartOf(Day(effect)).AddMicroseconds(-1)).Authorised.ShouldBeTrue();
        Judged(LegalTime.StartOf(Day(effect))).Reasons.ShouldBe([Reason.ConventionTerminated]);
    }

    [Fact]
    public void Breaches_not_remedied_in_a_month_terminate_by_right_and_a_remedy_in_time_learnt_late_restores_it()
    {
        Take("breach-noticed", "2026-01-31", Party.Caf, ("breaches", "shared passwords"));
        Judged("2026-02-27T22:59:59Z").Authorised.ShouldBeTrue();
        Judged("2026-02-27T23:00:00Z").Reasons.ShouldBe([Reason.ConventionTerminated]);
        Judged("2026-02-27T23:00:00Z").Because.ShouldContain(9);

        Take("breach-remedied", "2026-02-27", Party.Partenaire);
        Judged("2026-03-10T10:00:00Z").Authorised.ShouldBeTrue();
        Judgement
            .Of(Use("2026-03-10T10:00:00Z"), _world.Known.AsKnownAt(9))
            .Reasons.ShouldBe([Reason.ConventionTerminated]);
    }

    [Fact]
    public void A_remedy_on_the_day_on_which_the_month_has_run_out_comes_too_late()
    {
        Take("breach-noticed", "2026-01-31", Party.Caf, ("breaches", "shared passwords"));
        Take("breach-remedied", "2026-02-28", Party.Partenaire);
        Judged("2026-03-10T10:00:00Z").Reasons.ShouldBe([Reason.ConventionTerminated]);
    }

    [Fact]
    public void The_convention_is_renewed_each_year_without_a_word_until_it_ends()
    {
        var partenariat = _world.Known.Require(Convention);
        partenariat.YearAt(Day("2026-01-08")).ShouldBe((Day("2026-01-08"), Day("2027-01-08")));
        partenariat.YearAt(Day("2028-02-29")).ShouldBe((Day("2028-01-08"), Day("2029-01-08")));
        partenariat.YearAt(Day("2026-01-07")).ShouldBeNull();
        _world.Do(ByCaf, new TerminateConvention(new(Convention, Day("2026-05-01"), "by agreement")));
        _world.Known.Require(Convention).YearAt(Day("2026-05-01")).ShouldBeNull();
        _world
            .Refuses(ByCaf, new TerminateConvention(new(Convention, Day("2026-06-01"), "again")))
            .Rule.ShouldBe("convention-in-force");
    }

    [Fact]
    public void An_avenant_changes_the_missions_from_its_effect_on_and_is_signed_by_both_before()
    {
        var avenant = new ConventionAmended(
            Convention,
            "1",
            Day("2026-02-10"),
            Day("2026-02-12"),
            Day("2026-02-15"),
            [Purpose.Parse("accueil")],
            "aide-sociale ends"
        );
        _world
            .Refuses(ByCaf, new AmendConvention(avenant with { From = Day("2026-02-11") }))
            .Rule.ShouldBe("avenant-signed-by-both");
        _world.Refuses(By(Principal), new AmendConvention(avenant)).Rule.ShouldBe("caf-of-the-convention");
        _world.Do(ByCaf, new AmendConvention(avenant));
        Judged("2026-02-14T22:59:59Z").Authorised.ShouldBeTrue();
        Judged("2026-02-14T23:00:00Z").Reasons.ShouldBe([Reason.PurposeOutsideMissions]);
    }

    [Fact]
    public void A_change_of_mode_is_the_Cafs_choice_and_leaves_past_grants_alone()
    {
        var change = new ChangeHabilitationMode(
            new(Convention, HabilitationMode.Centralise, Day("2026-02-01"), "sensitive service")
        );
        _world.Clock = At("2026-02-01T08:00:00Z");
        _world.Refuses(By(Principal), change).Rule.ShouldBe("caf-of-the-convention");
        _world.Do(ByCaf, change);
        _world.Refuses(ByCaf, change).Rule.ShouldBe("another-mode");
        _world.Clock = World.Now;
        Judged("2026-03-10T10:00:00Z").Authorised.ShouldBeTrue();
        _world
            .Refuses(
                By(Principal),
                new GrantHabilitation(
                    Grant(HabilitationId.Parse("hab-2")).Event with
                    {
                        GrantedAt = At("2026-02-02T10:00:00Z"),
                    }
                )
            )
            .Rule.ShouldBe("caf-grants-in-centralise");
    }

    [Fact]
    public void A_modification_an_invalidation_and_a_review_do_what_they_say()
    {
        _world.Do(
            ByCaf,
            new SignEnrolment(
                new(
                    Convention,
                    Cdap,
                    [T2],
                    [Aide, Purpose.Parse("accueil")],
                    new Perimeter.WholeCaf(),
                    Day("2026-01-20")
                )
            )
        );
        _world.Do(
            By(Principal),
            new ModifyHabilitation(
                new(HabC3, At("2026-02-01T00:00:00Z"), [Purpose.Parse("accueil")], null, null, "moved")
            )
        );
        Judged("2026-02-10T00:00:00Z").Reasons.ShouldBe([Reason.PurposeNotGranted]);
        _world.Do(
            By(Principal),
            new ModifyHabilitation(new(HabC3, At("2026-03-01T00:00:00Z"), [Aide], null, Day("2026-04-01"), "back"))
        );
        Judged("2026-03-10T10:00:00Z").Authorised.ShouldBeTrue();
        Judged("2026-03-31T22:00:00Z").Reasons.ShouldBe([Reason.HabilitationExpired]);
        _world.Do(By(Principal), new ReviewHabilitation(new(HabC3, At("2026-03-05T10:00:00Z"), "still needed")));
        _world
            .Refuses(By(Principal), new InvalidateHabilitation(new(HabC3, At("2026-03-06T00:00:00Z"), "misuse")))
            .Rule.ShouldBe("caf-of-the-convention");
        _world.Do(ByCaf, new InvalidateHabilitation(new(HabC3, At("2026-03-06T00:00:00Z"), "misuse")));
        Judged("2026-03-10T10:00:00Z").Reasons.ShouldBe([Reason.HabilitationInvalidated]);
    }

    [Fact]
    public void A_new_catalogue_without_the_profile_takes_the_right_away()
    {
        _world.Do(
            ByCaf,
            new PublishCatalogue(new("2", Day("2026-02-01"), [new(Cdap, ProfilCode.Parse("T1"), ["identite"])]))
        );
        Judged("2026-01-31T22:59:59Z").Authorised.ShouldBeTrue();
        Judged("2026-01-31T23:00:00Z").Reasons.ShouldBe([Reason.ProfilNotInCatalogue]);
        var recorded = (ConsultationRecorded)_world.Do(By(Agent), Consultation(1));
        (_world.Known.CategoriesOf(recorded).Count, recorded.Verdict.Reasons.Single()).ShouldBe(
            (0, Reason.ProfilNotInCatalogue)
        );
    }

    [Fact]
    public void A_rectified_fact_counts_for_nothing_from_then_on_and_is_still_known_then()
    {
        _world.Do(By(Principal), new ReportDeparture(Departure));
        Judged("2026-03-10T10:00:00Z").Authorised.ShouldBeFalse();
        _world.Do(ByCaf, new Rectify(9, "another agent left"));
        Judged("2026-03-10T10:00:00Z").Authorised.ShouldBeTrue();
        Judged("2026-03-10T10:00:00Z").Because.ShouldContain(10);
        Judgement.Of(Use("2026-03-10T10:00:00Z"), _world.Known.AsKnownAt(9)).Reasons.ShouldBe([Reason.AgentDeparted]);
        _world.Refuses(ByCaf, new Rectify(9, "again")).Rule.ShouldBe("rectified-once");
        _world.Refuses(ByCaf, new Rectify(10, "no")).Rule.ShouldBe("rectification-stands");
        _world.Refuses(ByCaf, new Rectify(0, "no")).Rule.ShouldBe("signature-stands");
        _world.Refuses(By(Principal), new Rectify(8, "no")).Rule.ShouldBe("caf-rectifies");
        Should.Throw<UnknownException>(() => _world.Do(ByCaf, new Rectify(99, "no")));
        _world.Do(ByCaf, new Rectify(8, "never granted"));
        Judged("2026-03-10T10:00:00Z").Reasons.ShouldBe([Reason.GrantRectified]);
    }

    [Fact]
    public void A_right_on_some_communes_covers_a_file_while_it_is_attached_to_one_of_them()
    {
        _world.Do(
            By(Principal),
            new ModifyHabilitation(
                new(
                    HabC3,
                    At("2026-02-01T00:00:00Z"),
                    null,
                    new Perimeter.Communes([CommuneCode.Parse("76575")]),
                    null,
                    "own commune"
                )
            )
        );
        _world.Do(
            ByCaf,
            new RecordDossier(new DossierAttached("d1", Caf, CommuneCode.Parse("76575"), Day("2026-01-01")))
        );
        _world.Do(
            ByCaf,
            new RecordDossier(new DossierAttached("d1", Caf, CommuneCode.Parse("76540"), Day("2026-03-05")))
        );
        Judged("2026-03-04T10:00:00Z", "d1").Authorised.ShouldBeTrue();
        Judged("2026-03-10T10:00:00Z", "d1").Reasons.ShouldBe([Reason.OutsidePerimeter]);
        Judged("2026-03-04T10:00:00Z", "d2").Reasons.ShouldBe([Reason.OutsidePerimeter]);
    }

    [Fact]
    public void A_right_on_some_files_covers_those_alone()
    {
        _world.Do(
            By(Principal),
            new ModifyHabilitation(
                new(HabC3, At("2026-02-01T00:00:00Z"), null, new Perimeter.Files(["d1"]), null, "one family")
            )
        );
        Judged("2026-03-10T10:00:00Z", "d1").Authorised.ShouldBeTrue();
        Judged("2026-03-10T10:00:00Z", "d2").Reasons.ShouldBe([Reason.OutsidePerimeter]);
    }

    [Fact]
    public void A_person_has_every_identity_that_her_mutations_gave_her_each_in_its_time()
    {
        var (a, b, c) = (
            new DossierIdentity("a", Caf),
            new DossierIdentity("b", CafCode.Parse("591")),
            new DossierIdentity("c", Caf)
        );
        _world.Do(ByCaf, new RecordDossier(new DossierTransferred("a", Caf, "b", b.Caf, Day("2025-01-01"))));
        _world.Do(ByCaf, new RecordDossier(new DossierTransferred("b", b.Caf, "c", Caf, Day("2026-01-01"))));
        var book = _world.Known.Dossiers;
        foreach (var one in new[] { a, b, c })
        {
            book.IdentitiesOf(one).Identities.ShouldBe([a, b, c], ignoreOrder: true);
            book.IdentitiesOf(one).Because.ShouldBe([9, 10]);
            book.PersonOf(one, At("2025-06-01T00:00:00Z")).Stays.Select(s => s.Identity).ShouldBe([a, b, c]);
        }

        _world
            .Refuses(By(Principal), new RecordDossier(new DossierTransferred("c", Caf, "d", Caf, Day("2026-02-01"))))
            .Rule.ShouldBe("caf-of-the-dossier");
    }

    [Fact]
    public void An_undeclared_programme_makes_a_use_irregular_and_its_declaration_names_its_bearer()
    {
        var programme = AgentId.Parse("robot-1");
        var use = Use("2026-03-10T10:00:00Z") with { Programme = programme };
        Judgement.Of(use, _world.Known).Reasons.ShouldBe([Reason.AutomatonUndeclared]);
        _world
            .Refuses(By(Principal), new DeclareAutomaton(new(Convention, programme, programme, Day("2026-02-01"))))
            .Rule.ShouldBe("programme-names-its-bearer");
        _world.Do(By(Principal), new DeclareAutomaton(new(Convention, programme, Agent, Day("2026-02-01"))));
        Judgement.Of(use, _world.Known).Authorised.ShouldBeTrue();
    }

    private Verdict Judged(string at, string? dossier = null) => Judged(At(at), dossier);

    private Verdict Judged(DateTimeOffset at, string? dossier = null) =>
        Judgement.Of(Use("2026-03-10T10:00:00Z") with { At = at, Dossier = dossier }, _world.Known);

    private void Take(string step, string on, Party by, params (string Name, string Value)[] details) =>
        _world.Do(
            ByCaf,
            new TakeStep(
                step,
                new ProcedureStep(
                    ProcedureId.Parse("proc-1"),
                    Convention,
                    by,
                    Day(on),
                    "letter",
                    details.ToDictionary(d => d.Name, d => d.Value),
                    []
                )
            )
        );
}
