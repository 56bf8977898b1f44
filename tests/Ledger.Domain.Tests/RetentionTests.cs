using Ledger.Domain.Common;
using Ledger.Domain.Consultations;
using Ledger.Domain.Control;
using Ledger.Domain.Dossiers;
using Ledger.Domain.Partenariats;
using Ledger.Domain.Procedures;
using Ledger.Domain.Pseudonyms;
using Ledger.Domain.Retention;
using Ledger.Domain.Rights;
using static Ledger.Tests.SampleHistory;

namespace Ledger.Domain.Tests;

/// <summary>What is done away with, when, and what keeps it.</summary>
public sealed class RetentionTests
{
    private static readonly HashSet<(long, string)> Nothing = [];

    private readonly World _world = Begun();
    private int _procedures;

    [Fact]
    public void A_month_is_kept_as_long_as_the_longest_contract_in_force_in_it_says()
    {
        Term("2025-12").ShouldBe((null, null));
        Term("2026-01").ShouldBe((36, Day("2029-02-01")));
        Contract("2026-02-10", "2", months: 3);
        Contract("2026-04-01", "3", months: 1);
        Term("2026-01").ShouldBe((36, Day("2029-02-01")), "the contract of then, not that of now");
        Term("2026-02").ShouldBe((36, Day("2029-03-01")), "two were in force in it");
        Term("2026-03").ShouldBe((3, Day("2026-07-01")));
        Term("2026-04").ShouldBe((1, Day("2026-06-01")), "it began with the month");
        RetentionTerm.Of(_world.Known, "2026-04").Because.ShouldBe([_world.Next - 1]);

        // What is recorded once a month is over lengthens what was known, and shortens nothing.
        Contract("2026-03-01", "4", months: 2, recorded: "2026-06-01");
        Term("2026-03").ShouldBe((3, Day("2026-07-01")));
        Contract("2026-03-01", "5", months: 6, recorded: "2026-06-01");
        Term("2026-03").ShouldBe((6, Day("2026-10-01")));
        _world.Do(ByCaf, new Rectify(_world.Next - 1, "never signed"));

        _world.Do(ByCaf, new TerminateConvention(new(Convention, Day("2026-05-01"), "it was agreed")));
        Term("2026-04").ShouldBe((1, Day("2026-06-01")));
        Term("2026-05").ShouldBe((null, null), "no convention was in force");

        (int? Months, DateOnly? DueOn) Term(string month) =>
            RetentionTerm.Of(_world.Known, month) is var t ? (t.Months, t.DueOn) : default;
    }

    [Fact]
    public void Months_are_done_away_with_from_the_day_on_which_they_are_due_and_once()
    {
        Contract("2026-01-10", "2", months: 2);
        Rule(() => Apply([]), "retention-due");
        Rule(() => Apply(["2026-04"]), "retention-due");
        Rule(() => Apply(["2025-11"]), "retention-due");
        Contract("2026-01-09", "3", months: 1);
        Apply(["2026-03", "2026-02"]).ShouldBe(["until 2026-03-31", "epoch 2026-02", "epoch 2026-03"]);
        _world.Known.DestroyedEpochs.ShouldBe(["2026-02", "2026-03"], ignoreOrder: true);
        Rule(() => Apply(["2026-02"]), "destruction-once");
        Should
            .Throw<RefusedException>(() => _world.Do(ByCaf, new Rectify(_world.Next - 1, "oh")))
            .Rule.ShouldBe("destruction-stands");
        Should
            .Throw<RefusedException>(() =>
                _world.Do(By(Agent), new ApplyRetention(ProcedureId.Parse("r-9"), ["2026-02"], Nothing, 0, "x"))
            )
            .Rule.ShouldBe("caf-applies-retention");
        foreach (var step in new[] { ApplyRetention.Applied, ApplyRetention.Destroyed })
        {
            Should.Throw<InvalidFieldException>(() => Take(step, [])).Field.ShouldBe("step");
        }
    }

    [Fact]
    public void A_hold_keeps_the_months_of_its_period_and_those_in_which_what_it_names_was_not_looked_for()
    {
        Contract("2026-01-10", "2", months: 1);
        Hold("h-period", ("begins-on", "2026-02-10"), ("ends-on", "2026-02-20"));
        Rule(() => Apply(["2026-02"]), "legal-hold-stands");
        Apply(["2026-04"]);
        Take(LegalHold.Lifted, [], "h-period");
        var agent = Hold("h-agent", ("siret", Commune.Value), ("agent", "agent-c3"));
        Rule(() => Apply(["2026-02"]), "legal-hold-stands");
        Apply(["2026-02"], [(agent, "2026-02")]);
        Rule(() => Apply(["2026-03"], [(agent, "2026-02")]), "legal-hold-stands");
        Take(LegalHold.Lifted, [], "h-agent");
        var all = Hold("h-all");
        Rule(() => Apply(["2026-03"], [(all, "2026-03")]), "legal-hold-stands");
        _world.Do(ByCaf, new Rectify(all, "another matter"));
        Apply(["2026-03"]);
    }

    [Fact]
    public void What_was_searched_before_a_mutation_was_recorded_clears_nothing()
    {
        Contract("2026-01-10", "2", months: 1);
        var hold = Hold("h-file", ("dossier", TheDossier.Pseudonym));
        _world.Do(
            ByCaf,
            new RecordDossier(new DossierAttached(DossierOf(3), Caf, CommuneCode.Parse("76540"), Day("2026-01-01")))
        );
        Rule(() => Apply(["2026-03"], [(hold, "2026-03")], searched: hold), "legal-hold-stands");
        Apply(["2026-03"], [(hold, "2026-03")], searched: hold + 1);
    }

    [Fact]
    public void A_verdict_that_is_recorded_names_nothing_that_is_said_of_the_file()
    {
        _world.Do(
            ByCaf,
            new RecordDossier(
                new DossierAttached(TheDossier.Pseudonym, Caf, CommuneCode.Parse("76540"), Day("2026-01-01"))
            )
        );
        var attached = _world.Next - 1;
        _world.Do(ByCaf, new Rectify(attached, "another commune"));
        var verdict = new Verdict([Reason.OutsidePerimeter], HabC3, [0, attached, attached + 1], attached + 1);
        verdict.Recorded(_world.Known).Because.ShouldBe([0]);
    }

    [Fact]
    public void A_hold_says_what_goes_together()
    {
        Field([("ends-on", "9999-12-31")], "details[ends-on]");
        Field([("begins-on", "0001-01-01")], "details[begins-on]");
        Field([("agent", "agent-c3")], "details[siret]");
        Field([("begins-on", "soon")], "details[begins-on]");
        Field([("begins-on", "2026-02-10"), ("ends-on", "2026-02-09")], "details[ends-on]");
        Field([("siret", "123")], "details[siret]");

        void Field((string, string)[] details, string field) =>
            Should.Throw<InvalidFieldException>(() => Hold("h-1", details)).Field.ShouldBe(field);
    }

    [Fact]
    public void A_file_is_erased_by_its_Caf_while_no_hold_keeps_it_by_the_keys_of_now()
    {
        Rule(
            () => Erase("a", "b", file: new DossierIdentity(TheDossier.Pseudonym, CafCode.Parse("591"))),
            "caf-of-the-dossier"
        );
        Hold("h-other", ("dossier", DossierOf(7)));
        Erase("a", "b");
        _world.Known.FileKey.ShouldBe("b");
        Should.Throw<FileKeysChangedException>(() => Erase("a", "c"));
        Hold("h-file", ("dossier", TheDossier.Pseudonym));
        Rule(() => Erase("b", "c"), "legal-hold-stands");
        Take(LegalHold.Lifted, [], "h-file");
        Hold("h-agent", ("siret", Commune.Value));
        Rule(() => Erase("b", "c"), "legal-hold-stands");
        Take(LegalHold.Lifted, [], "h-agent");
        var at = Erase("b", "c");
        Should
            .Throw<RefusedException>(() => _world.Do(ByCaf, new Rectify(at, "oh")))
            .Rule.ShouldBe("destruction-stands");
        _world.Known.AsKnownAt(0).FileKey.ShouldBe("c", "what is gone is gone, whatever was known then");
    }

    [Fact]
    public void A_hold_on_a_file_keeps_every_number_of_its_person()
    {
        var elsewhere = DossierOf(2);
        _world.Do(
            ByCaf,
            new RecordDossier(
                new DossierTransferred(TheDossier.Pseudonym, Caf, elsewhere, CafCode.Parse("591"), Day("2026-02-01"))
            )
        );
        Hold("h-file", ("dossier", elsewhere));
        Rule(() => Erase("a", "b"), "legal-hold-stands");
    }

    private long Erase(string before, string after, DossierIdentity? file = null)
    {
        _world.Do(
            ByCaf,
            new EraseFile(
                file ?? TheDossier,
                "D-2026-1",
                "art. 17",
                new FileKeyName(before, new HashSet<string>()),
                after
            )
        );
        return _world.Next - 1;
    }

    private IEnumerable<string> Apply(
        string[] months,
        IEnumerable<(long, string)>? cleared = null,
        long? searched = null
    )
    {
        var first = _world.Next;
        _world.Do(
            ByCaf,
            new ApplyRetention(
                ProcedureId.Parse($"r-{++_procedures}"),
                months,
                (cleared ?? []).ToHashSet(),
                searched ?? long.MaxValue,
                "at its lawful end"
            )
        );
        return _world
            .Known.Facts.Where(f => f.Position >= first)
            .SelectMany(f => ((ProcedureEvent)f.Event).Step.Details)
            .Select(d => $"{d.Key} {d.Value}");
    }

    // What everything rests on is recorded in its time.
    private static World Begun()
    {
        var world = new World { Clock = At("2026-01-20T12:00:00Z") };
        foreach (var (actor, command) in UpToAGrant())
        {
            world.Do(actor, command);
        }

        world.Clock = World.Now;
        return world;
    }

    // Recorded when it was signed, unless said otherwise.
    private void Contract(string on, string version, int months, string? recorded = null)
    {
        var now = _world.Clock;
        var day = recorded ?? (on.StartsWith("2026-01", StringComparison.Ordinal) ? "2026-01-21" : on);
        _world.Clock = At($"{day}T12:00:00Z");
        _world.Do(
            ByCaf,
            new SignServiceContract(new(Convention, version, Day(on), "24/7", "annex 2", months, "by letter"))
        );
        _world.Clock = now;
    }

    private long Hold(string procedure, params (string Name, string Value)[] details)
    {
        Take(LegalHold.Placed, details, procedure);
        return _world.Next - 1;
    }

    private void Take(string step, (string Name, string Value)[] details, string procedure = "p-1") =>
        _world.Do(
            ByCaf,
            new TakeStep(
                step,
                new ProcedureStep(
                    ProcedureId.Parse(procedure),
                    null,
                    Party.Caf,
                    Day("2026-06-01"),
                    "text",
                    details.ToDictionary(d => d.Name, d => d.Value),
                    []
                )
            )
        );

    private static void Rule(Action act, string rule) => Should.Throw<RefusedException>(act).Rule.ShouldBe(rule);
}
