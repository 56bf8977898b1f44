using System.Text.Json;
using Ledger.Domain.Common;
using Ledger.Domain.Consultations;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Knowing;
using Ledger.Domain.Procedures;
using Ledger.Domain.Pseudonyms;
using Ledger.Domain.Usage;

namespace Ledger.Domain.Anomalies;

/// <summary>
/// Runs the rules behind the log, an event at a time, in the order of the positions. Its state follows from the events
/// alone: the same log gives the same alerts, in whatever pieces it is read, and a saved state goes on as if it had
/// never stopped.
/// </summary>
public sealed class AnomalyDetector
{
    private const int DaysKept = 8;

    private readonly DetectorState _state;

    /// <summary>A detector that has seen nothing.</summary>
    public AnomalyDetector()
        : this(new DetectorState()) { }

    private AnomalyDetector(DetectorState state) => _state = state;

    /// <summary>A detector that goes on where <see cref="Save"/> left off.</summary>
    /// <exception cref="FormatException">It is not a state of these rules.</exception>
    public static AnomalyDetector Resume(ReadOnlySpan<byte> saved)
    {
        try
        {
            return new AnomalyDetector(
                JsonSerializer.Deserialize(saved, DetectorJson.Default.DetectorState)
                    ?? throw new FormatException("The state of the rules is empty.")
            );
        }
        catch (JsonException e)
        {
            throw new FormatException($"The state of the rules cannot be read: {e.Message}", e);
        }
    }

    /// <summary>What the rules remember, as bytes.</summary>
    public byte[] Save() => JsonSerializer.SerializeToUtf8Bytes(_state, DetectorJson.Default.DetectorState);

    /// <summary>What the rules find in the next event.</summary>
    /// <param name="fact">The event.</param>
    /// <param name="known">What is known once it is, or later.</param>
    public IReadOnlyList<Alert> Observe(Fact fact, Knowledge known) => [.. Find(fact, known).Where(IsNews)];

    private List<Alert> Find(Fact fact, Knowledge known) =>
        fact.Event switch
        {
            ConsultationRecorded c => Consulted(fact, c),
            SearchPerformed s => Searched(fact, s),
            AuthenticationSucceeded e => Sessions(fact.Position, Who.Of(e.Usage), e.Usage.Sealed),
            TerminationNotified { Step.Convention: { } convention } t => Ends(convention, t.Step, fact),
            HabilitationGranted g => Granted(fact, g, known),
            _ => [],
        };

    // What is only worth a look is told once of an agent and a day.
    private bool IsNews(Alert alert)
    {
        if (alert.Rule.Certain || alert.Agent is not { } agent)
        {
            return true;
        }

        var habits = HabitsOf(alert.Siret, agent);
        if (habits.ToldDay != alert.Day)
        {
            habits.ToldDay = alert.Day;
            habits.Told.Clear();
        }

        return habits.Told.Add(alert.Rule.Name);
    }

    private List<Alert> Consulted(Fact fact, ConsultationRecorded c)
    {
        var (alerts, who, position) = (new List<Alert>(), Who.Of(c), fact.Position);
        var habits = HabitsOf(who.Siret, who.Agent);
        alerts.AddRange(AnomalyRules.On(position, Use.Of(c, null), c.Verdict, learntAt: null));
        if (alerts.Count > 0)
        {
            alerts.AddRange(Repeated(habits, who, position));
        }

        var local = LegalTime.Local(c.OccurredAt);
        if (local.Hour is >= 22 or < 6 || local.DayOfWeek == DayOfWeek.Sunday)
        {
            alerts.Add(who.About(AnomalyRules.AtypicalHours, [position], ("at", c.OccurredAt)));
        }

        alerts.AddRange(Sessions(position, who, c.Sealed));
        if (habits.LastUse is { } last && c.OccurredAt - last.At > AnomalyRules.Dormancy)
        {
            alerts.Add(
                who.About(
                    AnomalyRules.DormantThenActive,
                    [last.Position, position],
                    ("days", (int)(c.OccurredAt - last.At).TotalDays)
                )
            );
        }

        alerts.AddRange(Cadence(habits, who, position, c.Programme is not null));
        alerts.AddRange(Volume(habits, who, position));
        alerts.AddRange(Fileless(habits, who, position, !c.HasBusinessFile));
        Habits.Keep(habits.Consultations, new Seen(c.OccurredAt, position), AnomalyRules.FewConsultations);
        habits.LastUse = new Seen(c.OccurredAt, position);
        return alerts;
    }

    private static IEnumerable<Alert> Repeated(Habits habits, Who who, long position)
    {
        Habits.Keep(habits.Certain, new Seen(who.At, position), AnomalyRules.Repetitions);
        if (
            habits.Certain.Count == AnomalyRules.Repetitions
            && who.At - habits.Certain.Peek().At <= AnomalyRules.RepetitionSpan
        )
        {
            yield return who.About(AnomalyRules.RepeatOffender, habits.Certain.Select(x => x.Position));
        }
    }

    private static IEnumerable<Alert> Cadence(Habits habits, Who who, long position, bool byProgramme)
    {
        var quick =
            !byProgramme
            && habits.LastUse is { } last
            && who.At - last.At is var gap
            && gap >= TimeSpan.Zero
            && gap <= AnomalyRules.QuickGap;
        if (!quick)
        {
            habits.Quick.Clear();
        }

        Habits.Keep(habits.Quick, position, AnomalyRules.QuickRow);
        if (habits.Quick.Count == AnomalyRules.QuickRow)
        {
            yield return who.About(AnomalyRules.MachineCadence, habits.Quick);
        }
    }

    private static IEnumerable<Alert> Fileless(Habits habits, Who who, long position, bool without)
    {
        if (!without)
        {
            habits.Fileless.Clear();
            yield break;
        }

        Habits.Keep(habits.Fileless, position, AnomalyRules.FilelessRow);
        if (habits.Fileless.Count == AnomalyRules.FilelessRow)
        {
            yield return who.About(AnomalyRules.NoBusinessFile, habits.Fileless);
        }
    }

    private IEnumerable<Alert> Volume(Habits habits, Who who, long position)
    {
        Turn(habits, who.Day);
        habits.Today++;
        var day = DayOf(who);
        day.Consultations++;
        day.Agents += habits.Today == 1 ? 1 : 0;
        if (habits.Today < AnomalyRules.FewOnADay)
        {
            yield break;
        }

        if (habits.Days >= 5 && habits.Today > 5 * habits.Usual)
        {
            yield return who.About(
                AnomalyRules.VolumeAgainstOwn,
                [position],
                ("count", habits.Today),
                ("day", who.Day),
                ("usual", (long)Math.Round(habits.Usual))
            );
        }

        var peers = day.Agents < 4 ? double.MaxValue : (double)(day.Consultations - habits.Today) / (day.Agents - 1);
        if (habits.Today > 10 * peers)
        {
            yield return who.About(
                AnomalyRules.VolumeAgainstPeers,
                [position],
                ("count", habits.Today),
                ("day", who.Day),
                ("usual", (long)Math.Round(peers))
            );
        }
    }

    private static void Turn(Habits habits, DateOnly day)
    {
        if (habits.Day == day)
        {
            return;
        }

        if (habits.Today > 0)
        {
            habits.Usual =
                habits.Days == 0 ? habits.Today : ((habits.Usual * habits.Days) + habits.Today) / (habits.Days + 1);
            habits.Days = Math.Min(habits.Days + 1, 20);
        }

        (habits.Day, habits.Today) = (day, 0);
    }

    private PartnerDay DayOf(Who who)
    {
        if (!_state.Partners.TryGetValue(who.Siret.Value, out var days))
        {
            _state.Partners[who.Siret.Value] = days = [];
        }

        if (days.FirstOrDefault(d => d.Day == who.Day) is { } found)
        {
            return found;
        }

        var day = new PartnerDay { Day = who.Day };
        Habits.Keep(days, day, DaysKept);
        return day;
    }

    private List<Alert> Searched(Fact fact, SearchPerformed s)
    {
        var who = Who.Of(s.Usage);
        var (habits, since) = (HabitsOf(who.Siret, who.Agent), who.At - AnomalyRules.SearchSpan);
        Habits.Keep(habits.Searches, new Seen(who.At, fact.Position), AnomalyRules.ManySearches);
        if (
            habits.Searches.Count < AnomalyRules.ManySearches
            || habits.Searches.Peek().At < since
            || (habits.Consultations.Count == AnomalyRules.FewConsultations && habits.Consultations.Peek().At >= since)
        )
        {
            return [];
        }

        var positions = habits.Searches.Select(x => x.Position).ToList();
        habits.Searches.Clear();
        return [who.About(AnomalyRules.Enumeration, positions)];
    }

    // Sessions and addresses are known here by what they are enciphered to, which changes with the month: two are told
    // apart within one, and in the ten minutes after its end nothing is said.
    private List<Alert> Sessions(long position, Who who, SealedDetails? use)
    {
        if (use is not { Session: { } session, Address: { } address })
        {
            return [];
        }

        var habits = HabitsOf(who.Siret, who.Agent);
        var last = habits.Session;
        habits.Session = new SeenSession(session, address, who.At, position);
        return
            last is not null
            && last.Session != session
            && last.Address != address
            && LegalTime.EpochOf(last.At) == LegalTime.EpochOf(who.At)
            && (who.At - last.At).Duration() <= AnomalyRules.SessionSpan
            ? [who.About(AnomalyRules.ConcurrentSessions, [last.Position, position])]
            : [];
    }

    private List<Alert> Ends(ConventionId convention, ProcedureStep step, Fact fact)
    {
        _state.Ending[convention.Value] = new EndingConvention
        {
            Until = Partenariats.Ends.EffectOf(step),
            Notice = fact.Position,
        };
        return [];
    }

    private List<Alert> Granted(Fact fact, HabilitationGranted g, Knowledge known)
    {
        if (
            !_state.Ending.TryGetValue(g.Convention.Value, out var ending)
            || LegalTime.DayOf(g.GrantedAt) >= ending.Until
            || ending.Grants.Count == AnomalyRules.GrantsInNotice
        )
        {
            return [];
        }

        ending.Grants.Add(fact.Position);
        var convention = known.Require(g.Convention).Convention;
        return ending.Grants.Count < AnomalyRules.GrantsInNotice
            ? []
            :
            [
                new Alert(
                    AnomalyRules.GrantsBeforeTermination,
                    Particulars.Of(("convention", g.Convention), ("until", ending.Until)),
                    [ending.Notice, .. ending.Grants],
                    convention.Caf,
                    convention.Siret,
                    null,
                    LegalTime.DayOf(g.GrantedAt)
                ),
            ];
    }

    private Habits HabitsOf(Siret siret, AgentId agent)
    {
        var key = $"{siret}/{agent}";
        if (!_state.Agents.TryGetValue(key, out var habits))
        {
            _state.Agents[key] = habits = new Habits();
        }

        return habits;
    }

    // Whom an event is about, and when.
    private readonly record struct Who(CafCode Caf, Siret Siret, AgentId Agent, DateTimeOffset At)
    {
        public DateOnly Day => LegalTime.DayOf(At);

        public static Who Of(ConsultationRecorded c) => new(c.Caf, c.Siret, c.Agent, c.OccurredAt);

        public static Who Of(UsageOf usage) => new(usage.Caf, usage.Siret, usage.Agent, usage.OccurredAt);

        public Alert About(
            AnomalyRule rule,
            IEnumerable<long> positions,
            params ReadOnlySpan<(string Name, object? Value)> particulars
        ) => new(rule, Particulars.Of(particulars), [.. positions], Caf, Siret, Agent, Day);
    }
}
