using System.Globalization;
using Ledger.Domain.Common;
using Ledger.Domain.Consultations;
using Ledger.Domain.Control;
using Ledger.Domain.Dossiers;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Knowing;
using Ledger.Domain.Partenariats;
using Ledger.Domain.Procedures;
using Ledger.Domain.Rights;
using Ledger.Domain.Usage;

namespace Ledger.Domain.Questions;

/// <summary>A part of an answer, as a table of texts.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="Columns">The names of its columns.</param>
/// <param name="Rows">Its rows.</param>
public sealed record AnswerTable(
    string Title,
    IReadOnlyList<string> Columns,
    IReadOnlyList<IReadOnlyList<string>> Rows
);

/// <summary>
/// The answer of evidence, from facts alone: the story with both verdicts of each consultation, and the rights in
/// question over time. The service makes it, and whoever verifies makes it again.
/// </summary>
public static class EvidenceAnswer
{
    /// <summary>The facts that the verdicts on these events rest on, with what is known at a position.</summary>
    /// <param name="about">The events.</param>
    /// <param name="dossiers">The files of the consultations among them, by position, where they can be told.</param>
    /// <param name="known">What is known.</param>
    /// <param name="knownAt">The position.</param>
    public static IReadOnlyList<Fact> RestsOn(
        IReadOnlyList<Fact> about,
        IReadOnlyDictionary<long, string> dossiers,
        Knowledge known,
        long knownAt
    )
    {
        var sirets = about.Select(f => SiretOf(f.Event, known)).OfType<Siret>();
        var claimed = about
            .SelectMany(f => HabilitationsOf(f.Event))
            .Where(id => known.TryFind(id, out _))
            .Select(id => known.Require(known.Require(id).Granted.Convention).Convention.Siret);
        var files = about
            .Select(f => f.Event)
            .OfType<DossierEvent>()
            .SelectMany(e => e.Dossiers())
            .Concat(dossiers.Values);
        // Of procedures only notice and breach bear on rights; the rest are nobody else's business.
        var facts = known.Bearing(knownAt, sirets.Concat(claimed), files);
        var kept = facts
            .Where(f =>
                f.Event is not ProcedureEvent || f.Event is TerminationNotified or BreachNoticed or BreachRemedied
            )
            .ToList();
        var dropped = facts.Except(kept).Select(f => f.Position).ToHashSet();
        return [.. kept.Where(f => f.Event is not RectificationMade r || !dropped.Contains(r.Of))];
    }

    /// <summary>
    /// Whether a fact belongs to a stream that stands in evidence whole: each version of it up to the last, so that
    /// none can be missing from its middle.
    /// </summary>
    public static bool StandsWhole(LedgerEvent @event) =>
        @event is PartenariatEvent or HabilitationEvent or CatalogueVersionPublished;

    /// <summary>The answer.</summary>
    /// <param name="about">The events that the question is about, in the order of the log.</param>
    /// <param name="dossiers">The files of the consultations among them, by position, where they can be told.</param>
    /// <param name="restsOn">The facts that <see cref="RestsOn"/> gave.</param>
    public static IReadOnlyList<AnswerTable> Of(
        IReadOnlyList<Fact> about,
        IReadOnlyDictionary<long, string> dossiers,
        IReadOnlyList<Fact> restsOn
    )
    {
        var known = Knowledge.Of(restsOn);
        var story = about.Select(f => Line(f, dossiers.GetValueOrDefault(f.Position), known)).ToList();
        var rights = about
            .SelectMany(f => HabilitationsOf(f.Event))
            .Distinct()
            .Where(id => known.TryFind(id, out _))
            .Select(known.Require)
            .OrderBy(h => h.Granted.Event.Habilitation.Value, StringComparer.Ordinal)
            .SelectMany(h => known.RightsOf(h).Select(s => Line(h, s, known)))
            .ToList();
        return
        [
            new AnswerTable(
                "What happened",
                ["position", "recorded at", "who", "what", "as known then", "as known at that position"],
                story
            ),
            new AnswerTable(
                "The rights in question",
                [
                    "habilitation",
                    "partner",
                    "agent",
                    "service",
                    "profile",
                    "from",
                    "until",
                    "state",
                    "because of positions",
                ],
                rights
            ),
        ];
    }

    private static IReadOnlyList<string> Line(Fact fact, string? dossier, Knowledge known)
    {
        var (then, now) = fact.Event is ConsultationRecorded c
            ? (
                Say(c.Verdict),
                known.RectifiedBy(fact.Position) is { } by
                    ? $"rectified at position {Number(by)}: it counts for nothing"
                    : Say(Judgement.Of(Use.Of(c, dossier), known))
            )
            : (string.Empty, string.Empty);
        var when = fact.Event is ConsultationRecorded opened ? $" ({Instant(opened.OccurredAt)})" : string.Empty;
        return
        [
            Number(fact.Position),
            Instant(fact.RecordedAt),
            fact.Context.Actor.Human.Value,
            Story.Sentence(fact.Event) + when,
            then,
            now,
        ];
    }

    private static IReadOnlyList<string> Line(Habilitation habilitation, RightSegment segment, Knowledge known) =>
        [
            habilitation.Granted.Event.Habilitation.Value,
            known.Require(habilitation.Granted.Convention).Convention.Siret.Value,
            habilitation.Granted.Agent.Value,
            habilitation.Granted.Service.Value,
            habilitation.Granted.Profil.Value,
            segment.From == DateTimeOffset.MinValue ? string.Empty : Instant(segment.From),
            segment.Until == DateTimeOffset.MaxValue ? string.Empty : Instant(segment.Until),
            segment.IsEffective ? "effective" : string.Join(", ", segment.Missing.Select(Name)),
            string.Join(' ', segment.Because.Select(Number)),
        ];

    private static IEnumerable<HabilitationId> HabilitationsOf(LedgerEvent @event) =>
        @event switch
        {
            HabilitationEvent e => [e.Habilitation],
            ConsultationRecorded { Verdict.Habilitation: { } judged, Claimed: { } claimed } => [judged, claimed],
            ConsultationRecorded { Verdict.Habilitation: { } judged } => [judged],
            ConsultationRecorded { Claimed: { } claimed } => [claimed],
            _ => [],
        };

    private static Siret? SiretOf(LedgerEvent @event, Knowledge known) =>
        @event switch
        {
            ConsultationRecorded c => c.Siret,
            UsageEvent e => e.Usage.Siret,
            _ when Knowledge.Bears(@event) => known.SiretOf(@event),
            _ => null,
        };

    private static string Say(Verdict verdict) =>
        verdict.Authorised ? "authorised" : string.Join(", ", verdict.Reasons.Select(Name));

    private static string Name(Reason reason) => ReasonNames.Of(reason);

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Instant(DateTimeOffset instant) =>
        instant.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
