using Ledger.Domain.Common;
using Ledger.Domain.Consultations;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Partenariats;
using Ledger.Domain.Procedures;
using Ledger.Domain.Usage;

namespace Ledger.Domain.Anomalies;

/// <summary>
/// Runs the rules behind the log, an event at a time, in the order of the positions. Its state follows from the events
/// alone: the
/// same log gives the same alerts, in whatever pieces it is read.
/// </summary>
public sealed class AnomalyDetector
{
    private readonly Dictionary<(Siret, AgentId), Habits> _habits = [];
    private readonly Dictionary<(Siret Siret, DateOnly Day), Dictionary<AgentId, int>> _days = [];
    private readonly Dictionary<ConventionId, (DateOnly Until, long Notice, List<long> Grants)> _ending = [];

    /// <summary>What the rules find in the next event.</summary>
    /// <param name="fact">The event.</param>
    /// <param name="known">What is known once it is.</param>
    public IReadOnlyList<Alert> Observe(Fact fact, Knowledge known) =>
        fact.Event switch
        {
            ConsultationRecorded c => Consulted(fact, c),
            SearchPerformed s => Searched(fact, s),
            AuthenticationSucceeded e =>
            [
                .. Sessions(
                    HabitsOf(e.Usage.Siret, e.Usage.Agent),
                    fact,
                    e.Usage.Caf,
                    e.Usage.Siret,
                    e.Usage.Agent,
                    e.Usage.Session,
                    e.Usage.Address,
                    e.Usage.OccurredAt
                ),
            ],
            TerminationNotified { Step.Convention: { } convention } t => Ending(convention, t.Step, fact),
            HabilitationGranted g => Granted(fact, g, known),
            _ => [],
        };

    private List<Alert> Consulted(Fact fact, ConsultationRecorded c)
    {
        var alerts = new List<Alert>();
        var habits = HabitsOf(c.Siret, c.Agent);
        alerts.AddRange(AnomalyRules.On(fact.Position, Use.Of(c), c.Verdict, learntAt: null));
        if (alerts.Count > 0)
        {
            habits.Certain.RemoveAll(x => x.At < c.OccurredAt.AddDays(-30));
            habits.Certain.Add((c.OccurredAt, fact.Position));
            if (habits.Certain.Count == 3)
            {
                alerts.Add(
                    About(
                        AnomalyRules.RepeatOffender,
                        "has three certain anomalies within thirty days",
                        habits.Certain.Select(x => x.Position)
                    )
                );
            }
        }

        var local = LegalTime.Local(c.OccurredAt);
        if (local.Hour is >= 22 or < 6 || local.DayOfWeek == DayOfWeek.Sunday)
        {
            alerts.Add(
                About(
                    AnomalyRules.AtypicalHours,
                    $"opened a file on {local:dddd yyyy-MM-dd} at {local:HH:mm}",
                    [fact.Position]
                )
            );
        }

        alerts.AddRange(Sessions(habits, fact, c.Caf, c.Siret, c.Agent, c.Session, c.Address, c.OccurredAt));
        if (habits.LastUse is { } last && c.OccurredAt - last.At > TimeSpan.FromDays(182))
        {
            alerts.Add(
                About(
                    AnomalyRules.DormantThenActive,
                    $"opened a file after {(int)(c.OccurredAt - last.At).TotalDays} days without any",
                    [last.Position, fact.Position]
                )
            );
        }

        Cadence(alerts, habits, fact, c, About);
        Volume(alerts, habits, fact, c, About);
        habits.Fileless = c.BusinessFile is null ? habits.Fileless.Append(fact.Position).ToList() : [];
        if (habits.Fileless.Count == 10)
        {
            alerts.Add(
                About(AnomalyRules.NoBusinessFile, "opened ten files in a row for no business file", habits.Fileless)
            );
        }

        habits.Consultations.Add(c.OccurredAt);
        habits.Consultations.RemoveAll(at => at < c.OccurredAt.AddHours(-1));
        habits.LastUse = (c.OccurredAt, fact.Position);
        return alerts;

        Alert About(AnomalyRule rule, string what, IEnumerable<long> positions) =>
            new(rule, $"'{c.Agent}' {what}.", [.. positions], c.Caf, c.Siret, c.Agent);
    }

    private static void Cadence(
        List<Alert> alerts,
        Habits habits,
        Fact fact,
        ConsultationRecorded c,
        Func<AnomalyRule, string, IEnumerable<long>, Alert> about
    )
    {
        var quick =
            c.Programme is null
            && habits.LastUse is { } last
            && c.OccurredAt - last.At is var gap
            && gap >= TimeSpan.Zero
            && gap <= TimeSpan.FromSeconds(2);
        habits.Quick = quick ? [.. habits.Quick, fact.Position] : [fact.Position];
        if (habits.Quick.Count == 20)
        {
            alerts.Add(
                about(
                    AnomalyRules.MachineCadence,
                    "opened twenty files in a row no more than two seconds apart",
                    habits.Quick
                )
            );
        }
    }

    private void Volume(
        List<Alert> alerts,
        Habits habits,
        Fact fact,
        ConsultationRecorded c,
        Func<AnomalyRule, string, IEnumerable<long>, Alert> about
    )
    {
        var day = LegalTime.DayOf(c.OccurredAt);
        if (habits.Day != day)
        {
            if (habits.Today > 0)
            {
                habits.Usual =
                    habits.Days == 0 ? habits.Today : ((habits.Usual * habits.Days) + habits.Today) / (habits.Days + 1);
                habits.Days = Math.Min(habits.Days + 1, 20);
            }

            (habits.Day, habits.Today, habits.OverOwn, habits.OverPeers) = (day, 0, false, false);
        }

        habits.Today++;
        if (!_days.TryGetValue((c.Siret, day), out var counts))
        {
            _days[(c.Siret, day)] = counts = [];
            foreach (var old in _days.Keys.Where(k => k.Siret == c.Siret && k.Day < day.AddDays(-7)).ToList())
            {
                _days.Remove(old);
            }
        }

        counts[c.Agent] = habits.Today;
        if (habits.Today < 50)
        {
            return;
        }

        if (!habits.OverOwn && habits.Days >= 5 && habits.Today > 5 * habits.Usual)
        {
            habits.OverOwn = true;
            alerts.Add(
                about(
                    AnomalyRules.VolumeAgainstOwn,
                    $"opened {habits.Today} files on {day:yyyy-MM-dd}, more than five times the usual "
                        + $"{habits.Usual:F0}",
                    [fact.Position]
                )
            );
        }

        if (
            !habits.OverPeers
            && counts.Count >= 4
            && counts.Where(x => x.Key != c.Agent).Average(x => x.Value) is var peers
            && habits.Today > 10 * peers
        )
        {
            habits.OverPeers = true;
            alerts.Add(
                about(
                    AnomalyRules.VolumeAgainstPeers,
                    $"opened {habits.Today} files on {day:yyyy-MM-dd}, more than ten times the {peers:F0} of the "
                        + $"partner's others",
                    [fact.Position]
                )
            );
        }
    }

    private List<Alert> Searched(Fact fact, SearchPerformed s)
    {
        var habits = HabitsOf(s.Usage.Siret, s.Usage.Agent);
        var since = s.Usage.OccurredAt.AddHours(-1);
        habits.Searches.RemoveAll(x => x.At < since);
        habits.Searches.Add((s.Usage.OccurredAt, fact.Position));
        if (habits.Searches.Count < 30 || habits.Consultations.Count(at => at >= since) >= 3)
        {
            return [];
        }

        var positions = habits.Searches.ConvertAll(x => x.Position);
        habits.Searches.Clear();
        return
        [
            new Alert(
                AnomalyRules.Enumeration,
                $"'{s.Usage.Agent}' searched thirty times within an hour for fewer than three consultations.",
                positions,
                s.Usage.Caf,
                s.Usage.Siret,
                s.Usage.Agent
            ),
        ];
    }

    private static IEnumerable<Alert> Sessions(
        Habits habits,
        Fact fact,
        CafCode caf,
        Siret siret,
        AgentId agent,
        string? session,
        string? address,
        DateTimeOffset at
    )
    {
        if (session is null || address is null)
        {
            yield break;
        }

        if (
            habits.Session is { } last
            && last.Session != session
            && last.Address != address
            && (at - last.At).Duration() <= TimeSpan.FromMinutes(10)
        )
        {
            yield return new Alert(
                AnomalyRules.ConcurrentSessions,
                $"'{agent}' used two sessions from two addresses within ten minutes (art. 9.2).",
                [last.Position, fact.Position],
                caf,
                siret,
                agent
            );
        }

        habits.Session = (session, address, at, fact.Position);
    }

    private List<Alert> Ending(ConventionId convention, ProcedureStep step, Fact fact)
    {
        _ending[convention] = (Partenariat.EffectOf(step), fact.Position, []);
        return [];
    }

    private List<Alert> Granted(Fact fact, HabilitationGranted g, Knowledge known)
    {
        if (!_ending.TryGetValue(g.Convention, out var ending) || LegalTime.DayOf(g.GrantedAt) >= ending.Until)
        {
            return [];
        }

        ending.Grants.Add(fact.Position);
        var convention = known.Require(g.Convention).Convention;
        return ending.Grants.Count != 5
            ? []
            :
            [
                new Alert(
                    AnomalyRules.GrantsBeforeTermination,
                    $"Five rights were granted under '{g.Convention}' between the notice of its termination and "
                        + $"its effect on {ending.Until:yyyy-MM-dd} (art. 17.2).",
                    [ending.Notice, .. ending.Grants],
                    convention.Caf,
                    convention.Siret,
                    null
                ),
            ];
    }

    private Habits HabitsOf(Siret siret, AgentId agent)
    {
        if (!_habits.TryGetValue((siret, agent), out var habits))
        {
            _habits[(siret, agent)] = habits = new Habits();
        }

        return habits;
    }

    private sealed class Habits
    {
        public (string Session, string Address, DateTimeOffset At, long Position)? Session { get; set; }

        public (DateTimeOffset At, long Position)? LastUse { get; set; }

        public List<(DateTimeOffset At, long Position)> Certain { get; } = [];

        public List<(DateTimeOffset At, long Position)> Searches { get; } = [];

        public List<DateTimeOffset> Consultations { get; } = [];

        public List<long> Quick { get; set; } = [];

        public List<long> Fileless { get; set; } = [];

        public DateOnly Day { get; set; }

        public int Today { get; set; }

        public double Usual { get; set; }

        public int Days { get; set; }

        public bool OverOwn { get; set; }

        public bool OverPeers { get; set; }
    }
}
