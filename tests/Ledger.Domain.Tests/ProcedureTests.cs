using Ledger.Domain.Common;
using Ledger.Domain.Partenariats;
using Ledger.Domain.Procedures;
using Ledger.Domain.Questions;
using Ledger.Domain.Retention;
using static Ledger.Tests.SampleHistory;

namespace Ledger.Domain.Tests;

public sealed class ProcedureTests
{
    private readonly World _world = World.UpToAGrant();

    [Fact]
    public void Every_step_of_every_kind_can_be_taken_in_its_order_with_its_details()
    {
        var number = 0;
        foreach (var kind in ProcedureTable.Kinds.Where(k => k.Name != ApplyRetention.Kind))
        {
            var procedure = $"proc-{++number}";
            foreach (var rule in kind.Steps)
            {
                var taken = (ProcedureEvent)Take(
                    procedure,
                    rule.Name,
                    "2026-03-01",
                    rule.By ?? Party.Caf,
                    rule.Details.Select(d => (d, Detail(d))).Append((DetailNames.Siret, Commune.Value))
                );
                ProcedureTable.NameOf(taken).ShouldBe(rule.Name);
            }
        }
    }

    private static string Detail(string name) =>
        name == Withholdings.Basis ? "requisition"
        : name.EndsWith("-on", StringComparison.Ordinal) ? "2026-02-27"
        : "x";

    [Fact]
    public void A_procedure_under_no_convention_is_gone_on_with_by_the_Caf_that_opened_it()
    {
        var other = new Actor(AgentId.Parse("caf-admin"), CafCode.Parse("591"), null);
        _world.Do(ByCaf, Under(null, "investigation-opened"));
        Refused(() => _world.Do(other, Under(null, "investigation-closed")), "caf-of-the-procedure");
        _world.Do(ByCaf, Under(null, "investigation-closed"));

        static TakeStep Under(ConventionId? convention, string step) =>
            new(
                step,
                new ProcedureStep(
                    ProcedureId.Parse("i-9"),
                    convention,
                    Party.Caf,
                    Day("2026-03-01"),
                    "text",
                    new Dictionary<string, string> { ["outcome"] = "nothing" },
                    []
                )
            );
    }

    [Fact]
    public void What_is_withheld_rests_on_a_requisition_or_an_open_investigation_and_says_of_what()
    {
        Take("i-1", "investigation-opened", "2026-03-01");
        Withhold("w-1", ("basis", "requisition"), ("reference", "TJ 12"), ("siret", Commune.Value));
        Withhold("w-2", ("basis", "investigation"), ("reference", "i-1"), ("siret", Commune.Value));
        Field(() => Withhold("w-3", ("basis", "wish"), ("reference", "x")), "details[basis]");
        Field(() => Withhold("w-3", ("basis", "investigation"), ("reference", "i-2")), "details[reference]");
        Field(() => Withhold("w-3", ("basis", "requisition"), ("reference", "x")), "about");
        Field(() => Withhold("w-3", ("basis", "requisition"), ("reference", "x"), ("agent", "agent-c3")), "about");
        Take("i-1", "investigation-closed", "2026-03-02", Party.Caf, [("outcome", "nothing")]);
        Field(
            () => Withhold("w-4", ("basis", "investigation"), ("reference", "i-1"), ("siret", Commune.Value)),
            "details[reference]"
        );

        void Withhold(string procedure, params (string, string)[] details) =>
            Take(procedure, Withholdings.Withheld, "2026-03-01", Party.Caf, details);
    }

    [Fact]
    public void What_is_withheld_is_the_uses_that_it_names_or_those_of_the_partner_or_agent_until_it_is_released()
    {
        var use = (Consultations.ConsultationRecorded)
            Consultation(1).Decide(_world.Known, new EventContext(By(Agent), Id(1)), World.Now)[0];
        Under(9).ShouldBeNull();
        Take(
            "w-1",
            Withholdings.Withheld,
            "2026-03-01",
            Party.Caf,
            Of(("siret", Commune.Value), ("agent", "agent-z9"))
        );
        Under(9).ShouldBeNull("another agent's are withheld");
        Take(
            "w-2",
            Withholdings.Withheld,
            "2026-03-01",
            Party.Caf,
            Of(("siret", Commune.Value), ("agent", "agent-c3"))
        );
        Under(9).ShouldBe("w-2");
        Take("w-2", Withholdings.Released, "2026-03-05", Party.Caf);
        Under(9).ShouldBeNull();
        _world.Do(
            ByCaf,
            new TakeStep(
                Withholdings.Withheld,
                new ProcedureStep(
                    ProcedureId.Parse("w-3"),
                    null,
                    Party.Caf,
                    Day("2026-03-01"),
                    "letter",
                    Of().ToDictionary(d => d.Item1, d => d.Item2),
                    [9]
                )
            )
        );
        (Under(8), Under(9)).ShouldBe((null, "w-3"));

        string? Under(long position) => Withholdings.Standing(_world.Known).Over(use, position)?.Id.Value;

        static (string, string)[] Of(params (string, string)[] of) =>
            [("basis", "requisition"), ("reference", "TJ 12"), .. of];
    }

    [Fact]
    public void Every_event_of_a_procedure_is_the_step_of_one_kind()
    {
        var events = EventCodec
            .All.Where(e => e.Type.IsSubclassOf(typeof(ProcedureEvent)))
            .Select(e => e.Name.Split('.')[0])
            .Order();
        ProcedureTable.Kinds.SelectMany(k => k.Steps).Select(s => s.Name).Order().ShouldBe(events);
    }

    [Fact]
    public void A_step_out_of_order_twice_of_another_kind_or_by_the_other_party_is_refused()
    {
        Should.Throw<UnknownException>(() => Take("m-1", "meeting-held", "2026-03-01"));
        Take("m-1", "meeting-requested", "2026-03-01");
        Refused(() => Take("m-1", "meeting-requested", "2026-03-01"), "step-once");
        Refused(() => Take("m-1", "minutes-drafted", "2026-03-01"), "step-in-order");
        Refused(() => Take("m-1", "audit-opened", "2026-03-01"), "one-kind-a-procedure");
        Refused(() => Take("a-1", "audit-opened", "2026-03-01", Party.Partenaire), "step-of-a-party");
        Refused(
            () => _world.Do(By(Principal), Step("a-1", "audit-opened", "2026-03-01", Party.Caf)),
            "caf-of-the-convention"
        );
        Field(() => Take("m-1", "meeting-held", "2026-02-28"), "on");
        Field(() => Take("x-1", "no-such-step", "2026-03-01"), "step");
        Field(() => Take("b-1", "breach-noticed", "2026-03-01"), "details[breaches]");
        Field(() => Take("u-1", "audit-opened", "2026-03-01", Party.Caf, [("siret", "1")]), "details[siret]");
        Field(() => Take("u-1", "audit-opened", "2026-03-01", Party.Caf, [("agent", "é")]), "details[agent]");
        Field(
            () => Take("t-1", "termination-notified", "2026-03-01", Party.Caf, [("wished-on", "soon")]),
            "details[wished-on]"
        );
    }

    [Fact]
    public void A_letter_about_prestataires_has_its_five_contents_and_covers_them_six_months_after_its_receipt()
    {
        (string, string)[] contents =
        [
            ("prestataires", "Host SA"),
            ("places", "Lille"),
            ("database-places", "Paris"),
            ("legal-regime", "RGPD"),
            ("tasks", "hosting"),
        ];
        foreach (var missing in contents)
        {
            Field(
                () =>
                    Take(
                        "p-1",
                        "prestataire-declared",
                        "2025-08-31",
                        Party.Partenaire,
                        contents.Where(c => c != missing)
                    ),
                $"details[{missing.Item1}]"
            );
        }

        Take("p-1", "prestataire-declared", "2025-08-31", Party.Partenaire, contents);
        State("2026-02-27").ShouldBe("in-notice");
        State("2026-02-28").ShouldBe("without-commitments");
        Take("p-1", "commitments-subscribed", "2026-01-15", Party.Partenaire, [("prestataire", "Host SA")]);
        State("2026-02-28").ShouldBe("covered");
        Take("p-1", "data-destroyed", "2026-05-01", Party.Partenaire);
        State("2026-05-01").ShouldBe("over");
        GovernanceQuestions.Prestataires(_world.Known, Commune, Day("2025-08-30")).ShouldBeEmpty();

        string State(string day) => GovernanceQuestions.Prestataires(_world.Known, Commune, Day(day)).Single().Kind;
    }

    [Fact]
    public void A_meeting_is_held_within_a_month_of_the_request_and_its_minutes_are_validated_within_30_days()
    {
        Take("m-1", "meeting-requested", "2026-01-31", Party.Partenaire);
        Clock("m-1").ShouldBe((Day("2026-02-28"), null, 0));
        Take("m-1", "meeting-held", "2026-03-02");
        Clock("m-1").ShouldBe((Day("2026-02-28"), Day("2026-03-02"), 2));
        Take("m-1", "minutes-drafted", "2026-03-05", Party.Partenaire);
        Clock("m-1", 1).ShouldBe((Day("2026-04-01"), null, 0));
        Take("m-1", "minutes-validated", "2026-04-01");
        Clock("m-1", 1).ShouldBe((Day("2026-04-01"), Day("2026-04-01"), 0));

        (DateOnly, DateOnly?, int) Clock(string procedure, int index = 0)
        {
            var clock = _world
                .Known.Procedures.Single(p => p.Id.Value == procedure)
                .Clocks(DateOnly.MaxValue)
                .ElementAt(index);
            return (clock.Ends, clock.Met, clock.DaysLate(Day("2026-02-20")));
        }
    }

    [Fact]
    public void The_parties_draft_the_minutes_in_turn()
    {
        foreach (var (meeting, by) in new[] { ("m-1", Party.Caf), ("m-2", Party.Partenaire) })
        {
            Take(meeting, "meeting-requested", "2026-03-01");
            Take(meeting, "meeting-held", "2026-03-02");
            Take(meeting, "minutes-drafted", meeting == "m-1" ? "2026-03-03" : "2026-03-04", by);
        }

        Take("m-3", "meeting-requested", "2026-04-01");
        Take("m-3", "meeting-held", "2026-04-02");
        Refused(() => Take("m-3", "minutes-drafted", "2026-04-03", Party.Partenaire), "minutes-in-turn");
        Take("m-3", "minutes-drafted", "2026-04-03", Party.Caf);
    }

    [Fact]
    public void The_clock_of_an_incident_runs_72_hours_from_its_knowledge_and_the_delay_of_its_report_is_told()
    {
        Take(
            "i-1",
            "incident-reported",
            "2026-03-10",
            Party.Partenaire,
            [("occurred-on", "2026-03-01"), ("known-on", "2026-03-04")]
        );
        _world.Known.Procedures.Single().Clocks(DateOnly.MaxValue).Single().Ends.ShouldBe(Day("2026-03-07"));
        GovernanceQuestions.ReportingDelays(_world.Known, 1).Single().Days.ShouldBe(6);
    }

    [Fact]
    public void A_rectified_step_stops_its_clock_and_its_effect()
    {
        Take("b-1", "breach-noticed", "2026-01-20", Party.Caf, [("breaches", "x")]);
        _world.Do(ByCaf, new Control.Rectify(9, "sent to another partner"));
        _world.Known.Procedures.Single().Clocks(DateOnly.MaxValue).ShouldBeEmpty();
        _world.Known.Require(Convention).InForce().At(At("2026-03-10T10:00:00Z")).Value.ShouldBeNull();
    }

    private LedgerEvent Take(
        string procedure,
        string step,
        string on,
        Party by = Party.Caf,
        IEnumerable<(string Name, string Value)>? details = null
    ) => _world.Do(ByCaf, Step(procedure, step, on, by, details));

    private static TakeStep Step(
        string procedure,
        string step,
        string on,
        Party by,
        IEnumerable<(string Name, string Value)>? details = null
    ) =>
        new(
            step,
            new ProcedureStep(
                ProcedureId.Parse(procedure),
                Convention,
                by,
                Day(on),
                "text",
                (details ?? []).ToDictionary(d => d.Name, d => d.Value),
                []
            )
        );

    private static void Refused(Action act, string rule) => Should.Throw<RefusedException>(act).Rule.ShouldBe(rule);

    private static void Field(Action act, string field) =>
        Should.Throw<InvalidFieldException>(act).Field.ShouldBe(field);
}
