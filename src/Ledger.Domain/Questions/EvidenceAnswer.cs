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

/// <summary>A consultation in evidence, with its second verdict.</summary>
/// <param name="Position">Where it stands. Its first verdict stands in it.</param>
/// <param name="AsKnown">The verdict as known at the position of the question.</param>
/// <param name="RectifiedBy">The rectification since which it counts for nothing; null for none.</param>
public sealed record JudgedUse(long Position, Verdict AsKnown, long? RectifiedBy);

/// <summary>How a right in question stands over one interval, as known at the position of the question.</summary>
/// <param name="Habilitation">The right, with its grant.</param>
/// <param name="Siret">Of which partner.</param>
/// <param name="Segment">The interval.</param>
public sealed record StandingRight(Habilitation Habilitation, Siret Siret, RightSegment Segment);

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
    public static (IReadOnlyList<JudgedUse> Uses, IReadOnlyList<StandingRight> Rights) Of(
        IReadOnlyList<Fact> about,
        IReadOnlyDictionary<long, string> dossiers,
        IReadOnlyList<Fact> restsOn
    )
    {
        var known = Knowledge.Of(restsOn);
        var uses =
            from fact in about
            let opened = fact.Event as ConsultationRecorded
            where opened is not null
            let dossier = dossiers.GetValueOrDefault(fact.Position)
            select new JudgedUse(
                fact.Position,
                Judgement.Of(Use.Of(opened, dossier), known),
                known.RectifiedBy(fact.Position)
            );
        var rights = about
            .SelectMany(f => HabilitationsOf(f.Event))
            .Distinct()
            .Where(id => known.TryFind(id, out _))
            .Select(known.Require)
            .OrderBy(h => h.Granted.Event.Habilitation.Value, StringComparer.Ordinal)
            .SelectMany(h => known.RightsOf(h).Select(s => new StandingRight(h, known.SiretOf(h), s)));
        return ([.. uses], [.. rights]);
    }

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
}
