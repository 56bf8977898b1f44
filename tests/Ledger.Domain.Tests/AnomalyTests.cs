using Ledger.Domain.Anomalies;
using Ledger.Domain.Common;
using Ledger.Domain.Consultations;
using Ledger.Domain.Knowing;
using Ledger.Domain.Partenariats;
using Ledger.Domain.Procedures;
using Ledger.Domain.Pseudonyms;
using Ledger.Domain.Rights;
using Ledger.Domain.Usage;
using static Ledger.Tests.SampleHistory;

namespace Ledger.Domain.Tests;

public sealed class AnomalyTests
{
    private static readonly DateTimeOffset Tuesday = At("2026-03-10T09:00:00Z");

    private Knowledge _known = Knowledge.None;
    private AnomalyDetector _detector = new();
    private readonly List<Alert> _alerts = [];

    [Fact]
    public void Every_reason_of_a_verdict_has_its_certain_rule_and_every_rule_its_own_name()
    {
        Enum.GetValues<Reason>()
            .Where(r => r != Reason.FileForgotten)
            .ShouldAllBe(r => AnomalyRules.Certain[r].Certain);
        AnomalyRules.All.Select(r => r.Name).Distinct().Count().ShouldBe(AnomalyRules.All.Count);
        AnomalyRules.All.Count(r => r.Certain).ShouldBeGreaterThanOrEqualTo(8);
        AnomalyRules.All.Count(r => !r.Certain).ShouldBeGreaterThanOrEqualTo(8);
    }

    [Fact]
    public void An_irregular_use_gives_one_alert_a_rule_with_a_sentence_and_positions()
    {
        Consult(Tuesday, reasons: [Reason.AgentDeparted, Reason.PurposeNotGranted]);
        _alerts.Select(a => a.Rule.Name).ShouldBe(["after-departure", "purpose-outside-missions"]);
        _alerts[0].Particulars.ShouldBe(Particulars.Of(("reasons", "agent-departed")));
        _alerts[0].Positions.ShouldContain(0);
    }

    [Fact]
    public void A_regular_day_gives_no_alert()
    {
        for (var i = 0; i < 40; i++)
        {
            Consult(Tuesday.AddMinutes(10 * i));
        }

        _alerts.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("2026-03-10T20:59:59Z", false)]
    [InlineData("2026-03-10T21:00:00Z", true)]
    [InlineData("2026-03-11T04:59:59Z", true)]
    [InlineData("2026-03-11T05:00:00Z", false)]
    [InlineData("2026-03-15T10:00:00Z", true)]
    public void Nights_in_Paris_and_Sundays_are_atypical(string at, bool found)
    {
        Consult(At(at));
        Names().ShouldBe(found ? ["atypical-hours"] : []);
    }

    [Fact]
    public void Two_sessions_from_two_addresses_within_ten_minutes_are_concurrent()
    {
        Consult(Tuesday, session: "s1", address: "a1");
        Consult(Tuesday.AddMinutes(5), session: "s1", address: "a1");
        Consult(Tuesday.AddMinutes(16), session: "s2", address: "a2");
        Names().ShouldBeEmpty();
        Consult(Tuesday.AddMinutes(20), session: "s1", address: "a1");
        Names().ShouldBe(["concurrent-sessions"]);
        _alerts[0].Positions.ShouldBe([2, 3]);
    }

    [Fact]
    public void Twenty_files_two_seconds_apart_are_a_machines_unless_a_programme_says_so()
    {
        for (var i = 0; i < 25; i++)
        {
            Consult(Tuesday.AddSeconds(2 * i), programme: AgentId.Parse("robot-1"));
        }

        Names().ShouldBeEmpty();
        for (var i = 0; i < 25; i++)
        {
            Consult(Tuesday.AddHours(1).AddSeconds(2 * i));
        }

        Names().ShouldBe(["machine-cadence"]);
        _alerts[0].Positions.Count.ShouldBe(20);
    }

    [Fact]
    public void Five_times_an_agents_own_days_is_too_much()
    {
        for (var day = 0; day < 3; day++)
        {
            Day10(Tuesday.AddDays(day));
        }

        Day10(Tuesday.AddDays(6));
        Day10(Tuesday.AddDays(7));
        Day10(Tuesday.AddDays(8));
        for (var i = 0; i < 60; i++)
        {
            Consult(Tuesday.AddDays(9).AddMinutes(i));
        }

        Names().ShouldBe(["volume-against-own"]);

        void Day10(DateTimeOffset day)
        {
            for (var i = 0; i < 10; i++)
            {
                Consult(day.AddMinutes(5 * i));
            }
        }
    }

    [Fact]
    public void Ten_times_what_the_partners_others_do_is_too_much()
    {
        foreach (var other in new[] { "agent-d4", "agent-e5", "agent-f6" })
        {
            Consult(Tuesday, agent: AgentId.Parse(other));
        }

        for (var i = 0; i < 55; i++)
        {
            Consult(Tuesday.AddMinutes(i));
        }

        Names().ShouldBe(["volume-against-peers"]);
    }

    [Fact]
    public void Thirty_searches_in_an_hour_for_hardly_any_file_are_an_enumeration()
    {
        for (var i = 0; i < 29; i++)
        {
            Search(Tuesday.AddMinutes(i));
        }

        Names().ShouldBeEmpty();
        Search(Tuesday.AddMinutes(30));
        Names().ShouldBe(["enumeration"]);
        _alerts[0].Positions.Count.ShouldBe(30);
    }

    [Fact]
    public void A_use_after_half_a_year_without_any_is_told()
    {
        Consult(Tuesday);
        Consult(Tuesday.AddDays(182));
        Names().ShouldBeEmpty();
        Consult(Tuesday.AddDays(365));
        Names().ShouldBe(["dormant-then-active"]);
    }

    [Fact]
    public void Three_certain_anomalies_in_thirty_days_make_a_repeat_offender()
    {
        Consult(Tuesday, reasons: [Reason.NoHabilitation]);
        Consult(Tuesday.AddDays(35), reasons: [Reason.NoHabilitation]);
        Consult(Tuesday.AddDays(36), reasons: [Reason.NoHabilitation]);
        Names().ShouldNotContain("repeat-offender");
        Consult(Tuesday.AddDays(37), reasons: [Reason.NoHabilitation]);
        _alerts[^1].Rule.Name.ShouldBe("repeat-offender");
        _alerts[^1].Positions.ShouldBe([1, 2, 3]);
    }

    [Fact]
    public void Ten_files_in_a_row_for_no_business_file_are_told()
    {
        for (var i = 0; i < 10; i++)
        {
            Consult(Tuesday.AddMinutes(i), business: i == 4 ? "AS-1" : null);
        }

        Names().ShouldBeEmpty();
        for (var i = 0; i < 5; i++)
        {
            Consult(Tuesday.AddMinutes(20 + i), business: null);
        }

        Names().ShouldBe(["no-business-file"]);
    }

    [Fact]
    public void Five_grants_between_a_notice_of_termination_and_its_effect_are_told()
    {
        var world = World.UpToAGrant();
        var detector = new AnomalyDetector();
        var alerts = new List<Alert>();
        var before = world.Known.Facts.Count();
        world.Do(
            ByCaf,
            new TakeStep(
                "termination-notified",
                new ProcedureStep(
                    ProcedureId.Parse("t-1"),
                    Convention,
                    Party.Partenaire,
                    Day("2026-02-01"),
                    "letter",
                    new Dictionary<string, string> { ["wished-on"] = "2026-02-01" },
                    []
                )
            )
        );
        for (var i = 0; i < 5; i++)
        {
            world.Do(
                By(Principal),
                new Domain.Habilitations.GrantHabilitation(
                    Grant(HabilitationId.Parse($"late-{i}")).Event with
                    {
                        GrantedAt = At("2026-03-01T10:00:00Z"),
                    }
                )
            );
        }

        foreach (var fact in world.Known.Facts.Skip(before))
        {
            alerts.AddRange(detector.Observe(fact, world.Known));
        }

        alerts.Single().Rule.Name.ShouldBe("grants-before-termination");
        alerts[0].Positions.ShouldBe([9, 10, 11, 12, 13, 14]);
    }

    [Fact]
    public void The_same_finding_again_is_the_same_alert_and_a_contextual_one_is_one_of_its_agent_and_day()
    {
        Consult(Tuesday, reasons: [Reason.NoHabilitation]);
        var (one, again) = (
            new RaiseAlert(_alerts[0]),
            new RaiseAlert(_alerts[0] with { Particulars = Particulars.None })
        );
        (again.Context().RequestId, again.Id).ShouldBe((one.Context().RequestId, one.Id));
        World
            .UpToAGrant()
            .Do(one.Context().Actor, one)
            .ShouldBeOfType<AnomalyDetected>()
            .Day.ShouldBe(Day("2026-03-10"));

        _alerts.Clear();
        foreach (var at in new[] { "2026-03-10T23:00:00Z", "2026-03-11T22:30:00Z", "2026-03-11T23:30:00Z" })
        {
            Consult(At(at));
        }

        var ids = _alerts.ConvertAll(a => new RaiseAlert(a).Id);
        ids.Count.ShouldBe(2, "two of the three are of the 11th in Paris");
        ids[1].ShouldNotBe(ids[0]);
    }

    [Fact]
    public void Alerts_have_request_ids_that_no_caller_may_use()
    {
        Consult(Tuesday, reasons: [Reason.NoHabilitation]);
        OwnRequests.Owns(new RaiseAlert(_alerts[0]).Context().RequestId).ShouldBeTrue();
        OwnRequests.Owns(Guid.CreateVersion7()).ShouldBeFalse();
        OwnRequests.Owns(Guid.Parse("6c656467-0000-4000-8000-000000000000")).ShouldBeFalse("not of version 8");
        OwnRequests.Owns(Guid.Parse("6C656467-0000-8000-8000-000000000000")).ShouldBeTrue();
    }

    [Fact]
    public void Rules_that_go_on_from_a_saved_state_find_what_they_would_have_found()
    {
        for (var i = 0; i < 300; i++)
        {
            Consult(
                Tuesday.AddMinutes(i * 37),
                business: i % 4 == 0 ? "AS-1" : null,
                session: $"s{i % 3}",
                address: $"a{i % 3}"
            );
            Search(Tuesday.AddMinutes(i * 37));
            _detector = AnomalyDetector.Resume(_detector.Save());
        }

        var stopped = _alerts.ToList();
        (_known, _detector) = (Knowledge.None, new AnomalyDetector());
        _alerts.Clear();
        for (var i = 0; i < 300; i++)
        {
            Consult(
                Tuesday.AddMinutes(i * 37),
                business: i % 4 == 0 ? "AS-1" : null,
                session: $"s{i % 3}",
                address: $"a{i % 3}"
            );
            Search(Tuesday.AddMinutes(i * 37));
        }

        _alerts.Count.ShouldBeGreaterThan(5);
        stopped
            .Select(a => $"{a.Rule.Name} {Particulars.ToJson(a.Particulars)} {string.Join(' ', a.Positions)}")
            .ShouldBe(
                _alerts.Select(a =>
                    $"{a.Rule.Name} {Particulars.ToJson(a.Particulars)} {string.Join(' ', a.Positions)}"
                )
            );
        Should.Throw<FormatException>(() => AnomalyDetector.Resume("[1]"u8));
    }

    private IEnumerable<string> Names() => _alerts.Select(a => a.Rule.Name);

    private void Consult(
        DateTimeOffset at,
        AgentId? agent = null,
        Reason[]? reasons = null,
        string? session = null,
        string? address = null,
        AgentId? programme = null,
        string? business = "AS-1"
    )
    {
        var c = new ConsultationRecorded(
            Id(1),
            Caf,
            Commune,
            agent ?? Agent,
            HabC3,
            TheFile.Value,
            Cdap,
            T2,
            null,
            Aide,
            programme,
            business is not null,
            new Details(session, address, "portal", null, business).Seal(KeyOf(LegalTime.EpochOf(at)), Id(1)),
            at,
            new Verdict(reasons ?? [], HabC3, [], -1)
        );
        Observe(c, at);
    }

    private void Search(DateTimeOffset at) =>
        Observe(new SearchPerformed(new UsageOf(Caf, Commune, Agent, Cdap, null, at), ["matricule"], 0), at);

    private void Observe(LedgerEvent e, DateTimeOffset at)
    {
        var fact = new Fact(_known.Position + 1, at, new EventContext(By(Agent), Id(1)), e);
        _known = _known.Learn(fact).Known;
        _alerts.AddRange(_detector.Observe(fact, _known));
    }
}
