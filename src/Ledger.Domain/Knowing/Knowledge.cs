using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Ledger.Domain.Common;
using Ledger.Domain.Consultations;
using Ledger.Domain.Dossiers;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Partenariats;
using Ledger.Domain.Procedures;
using Ledger.Domain.Rights;

namespace Ledger.Domain.Knowing;

/// <summary>
/// What the ledger knows after some position of everything that bears on rights: enough to decide a command, to judge a
/// use and to answer a question. Facts of use are not part of it. It is one immutable value: learning a fact gives
/// another, and what was known at an earlier position is a view of the same facts.
/// </summary>
public sealed class Knowledge
{
    /// <summary>Nothing.</summary>
    public static readonly Knowledge None = new(KnowledgeState.Empty, long.MaxValue);

    private readonly KnowledgeState _state;
    private readonly long _limit;

    // Of a view of the past: what was looked at so far, as it stood then.
    private readonly ConcurrentDictionary<ConventionId, Partenariat>? _partenariats;
    private readonly ConcurrentDictionary<HabilitationId, Habilitation>? _habilitations;
    private readonly Timeline<Catalogue> _catalogue;

    internal Knowledge(KnowledgeState state, long limit)
    {
        (_state, _limit) = (state, limit);
        if (limit == long.MaxValue)
        {
            (_catalogue, Position) = (state.Catalogue, state.Position);
            return;
        }

        (_partenariats, _habilitations) = (new(), new());
        _catalogue =
            state.Catalogues.LastChange <= limit
                ? state.Catalogue
                : KnowledgeState.CatalogueOver(state.Catalogues, limit);
        Position = LastAt(limit);
    }

    /// <summary>The position of the last fact known; -1 before the first.</summary>
    public long Position { get; }

    /// <summary>The conventions, in the order in which they were learnt.</summary>
    public IEnumerable<Partenariat> Partenariats =>
        _state
            .Partners.Values.SelectMany(p => p.Conventions.Values)
            .Where(IsKnown)
            .OrderBy(p => p.SignedAt)
            .Select(Then);

    /// <summary>The habilitations, in no order.</summary>
    public IEnumerable<Habilitation> Habilitations => _state.Habilitations.Values.Where(IsKnown).Select(Then);

    /// <summary>The procedures, in the order in which they were learnt.</summary>
    public IEnumerable<Procedure> Procedures =>
        _state
            .Procedures.Values.Where(p => p.OpenedAt <= _limit)
            .OrderBy(p => p.OpenedAt)
            .Select(p => p.AsKnownAt(_limit));

    /// <summary>
    /// The months whose key was destroyed, in a view of the past too: what is gone is gone, whatever was known then.
    /// </summary>
    public IReadOnlySet<string> DestroyedEpochs => _state.DestroyedEpochs;

    /// <summary>
    /// What the key of files gives of a constant, base64, since the last file was erased; null before the first. In a
    /// view of the past too: what is gone is gone.
    /// </summary>
    public string? FileKey => _state.FileKey;

    /// <summary>The files of which something is known.</summary>
    public DossierBook Dossiers => new(_state.Dossiers, _state.Moves, _limit);

    /// <summary>Every fact, in the order of the positions: rectified ones too.</summary>
    public IEnumerable<Fact> Facts => _state.Facts.TakeWhile(f => f.Position <= _limit);

    /// <summary>The facts about a partner, in the order of the positions; of null, every fact.</summary>
    public IEnumerable<Fact> FactsOf(Siret? siret) =>
        siret is not { } one ? Facts
        : _state.Partners.TryGetValue(one, out var partner) ? partner.Facts.TakeWhile(f => f.Position <= _limit)
        : [];

    /// <summary>Whether an event is one of those that are known here.</summary>
    public static bool Bears(LedgerEvent @event) => @event is not JournalEvent { IsKnowledge: false };

    /// <summary>Builds it from facts in the order of their positions.</summary>
    public static Knowledge Of(IEnumerable<Fact> facts) =>
        facts.Aggregate(None, (known, fact) => known.Learn(fact).Known);

    /// <summary>Learns a fact. Of a fact of use only the position is kept.</summary>
    /// <exception cref="InvalidOperationException">
    /// The fact is not after what is known, or has nothing to belong to;
    /// or this is a view of the past.
    /// </exception>
    public Learnt Learn(Fact fact)
    {
        if (_limit != long.MaxValue)
        {
            throw new InvalidOperationException("A view of the past learns nothing.");
        }

        var (state, reach) = Learning.Apply(_state, fact);
        return new Learnt(new Knowledge(state, long.MaxValue), reach);
    }

    /// <summary>Which rights a fact that is known may have changed.</summary>
    public Reach ReachOf(Fact fact) => Learning.ReachOf(_state, fact.Event);

    /// <summary>The rights of a habilitation over valid time: <see cref="RightTimeline"/>'s, computed once.</summary>
    public IReadOnlyList<RightSegment> RightsOf(Habilitation habilitation) =>
        habilitation.Rights(Require(habilitation.Granted.Convention));

    /// <summary>The catalogue in force at an instant.</summary>
    public Catalogue CatalogueAt(DateTimeOffset instant) => CatalogueStepAt(instant).Catalogue;

    /// <summary>The catalogue in force at an instant, and the position of the event that says so.</summary>
    public (Catalogue Catalogue, long? Because) CatalogueStepAt(DateTimeOffset instant)
    {
        var step = _catalogue.At(instant);
        return (step.Value, step.Because);
    }

    /// <summary>Which data a consultation showed, by the version of the catalogue that it names.</summary>
    public IReadOnlyList<string> CategoriesOf(ConsultationRecorded c) =>
        (
            c.Catalogue is { } position && FactAt(position)?.Event is CatalogueVersionPublished published
                ? Catalogue.Of(published)
                : Catalogue.Illustrative
        ).CategoriesOf(c.Service, c.Profil);

    /// <summary>The convention, if it is known.</summary>
    public bool TryFind(ConventionId id, [NotNullWhen(true)] out Partenariat? partenariat)
    {
        partenariat =
            _state.Conventions.TryGetValue(id, out var siret)
            && _state.Partners[siret].Conventions[id] is var found
            && IsKnown(found)
                ? Then(found)
                : null;
        return partenariat is not null;
    }

    /// <summary>The habilitation, if it is known.</summary>
    public bool TryFind(HabilitationId id, [NotNullWhen(true)] out Habilitation? habilitation)
    {
        habilitation = _state.Habilitations.TryGetValue(id, out var found) && IsKnown(found) ? Then(found) : null;
        return habilitation is not null;
    }

    /// <summary>The procedure, if it is known.</summary>
    public bool TryFind(ProcedureId id, [NotNullWhen(true)] out Procedure? procedure)
    {
        procedure =
            _state.Procedures.TryGetValue(id, out var found) && found.OpenedAt <= _limit
                ? found.AsKnownAt(_limit)
                : null;
        return procedure is not null;
    }

    /// <summary>The fact at a position, rectified or not.</summary>
    public Fact? FactAt(long position) => position <= _limit ? _state.FactAt(position) : null;

    /// <summary>The position of the rectification of an event, if there was one.</summary>
    public long? RectifiedBy(long position) =>
        _state.Rectified.TryGetValue(position, out var by) && by <= _limit ? by : null;

    /// <summary>The positions of all events that were rectified, facts of use among them.</summary>
    public IEnumerable<long> Rectified => _state.Rectified.Where(r => r.Value <= _limit).Select(r => r.Key);

    /// <summary>The convention.</summary>
    /// <exception cref="UnknownException">There is none of that identifier.</exception>
    public Partenariat Require(ConventionId id) =>
        TryFind(id, out var partenariat)
            ? partenariat
            : throw new UnknownException("convention", $"No convention '{id}' is recorded.");

    /// <summary>The habilitation.</summary>
    /// <exception cref="UnknownException">There is none of that identifier.</exception>
    public Habilitation Require(HabilitationId id) =>
        TryFind(id, out var habilitation)
            ? habilitation
            : throw new UnknownException("habilitation", $"No habilitation '{id}' is recorded.");

    /// <summary>The partner of a habilitation.</summary>
    public Siret SiretOf(Habilitation habilitation) => Require(habilitation.Granted.Convention).Convention.Siret;

    /// <summary>The habilitations of an agent at a partner, in the order in which they were learnt.</summary>
    public IReadOnlyList<Habilitation> Of(Siret siret, AgentId agent) =>
        _state.Partners.TryGetValue(siret, out var partner) && partner.ByAgent.TryGetValue(agent, out var ids)
            ? [.. ids.Select(id => _state.Habilitations[id]).Where(IsKnown).Select(Then)]
            : [];

    /// <summary>The habilitations under a convention, in the order in which they were learnt.</summary>
    public IReadOnlyList<Habilitation> Of(ConventionId convention) =>
        _state.Conventions.ContainsKey(convention)
            ? [.. _state.Under(convention).Where(IsKnown).OrderBy(h => h.Granted.Position).Select(Then)]
            : [];

    /// <summary>The version of an event's stream before the event.</summary>
    /// <exception cref="ArgumentException">The event is of a journal, whose version is not kept here.</exception>
    public long VersionOf(LedgerEvent @event) =>
        @event switch
        {
            PartenariatEvent e => TryFind(e.Convention, out var partenariat) ? partenariat.Version : 0,
            HabilitationEvent e => TryFind(e.Habilitation, out var habilitation) ? habilitation.Version : 0,
            ProcedureEvent e => TryFind(e.Step.Procedure, out var procedure) ? procedure.Version : 0,
            CatalogueVersionPublished => _state.Catalogues.Count,
            _ => throw new ArgumentException("A journal's version is not kept here.", nameof(@event)),
        };

    /// <summary>
    /// What was known once the event at <paramref name="position"/> was: a view, which copies nothing.
    /// </summary>
    public Knowledge AsKnownAt(long position) =>
        position >= _state.Position || position >= _limit ? this : new Knowledge(_state, position);

    /// <summary>
    /// The facts up to a position that bear on the rights at some partners and on some files and those that mutations
    /// tie to them, in their order: enough to judge those uses.
    /// </summary>
    public IReadOnlyList<Fact> Bearing(long position, IEnumerable<Siret> sirets, IEnumerable<string> dossiers) =>
        [
            .. sirets
                .Distinct()
                .SelectMany(s =>
                    _state.Partners.TryGetValue(s, out var partner) ? partner.Facts : AppendOnlyList<Fact>.Empty
                )
                .Concat(_state.OfAll)
                .Concat(dossiers.Distinct().SelectMany(Dossiers.AllAround))
                .Where(f => f.Position <= Math.Min(position, _limit))
                .DistinctBy(f => f.Position)
                .OrderBy(f => f.Position),
        ];

    /// <summary>The partner that a fact is about, if it is about one.</summary>
    public Siret? SiretOf(LedgerEvent @event) => About.SiretOf(_state, @event);

    /// <summary>
    /// Whether an event is of a Caf: under its conventions, on its files, or its own act. What is of no Caf, such as the
    /// catalogue, is of each.
    /// </summary>
    public bool IsOf(CafCode caf, LedgerEvent @event) => CafScope.Has(_state, caf, @event);

    /// <summary>The agent that a fact is about, if it is about one.</summary>
    public AgentId? AgentOf(LedgerEvent @event) => About.AgentOf(_state, @event);

    /// <summary>
    /// The position of the last fact at or before one; -1 before the first. Both positions give the same knowledge.
    /// </summary>
    public long LastAt(long position) =>
        _state.IndexAt(position) is >= 0 and var index ? _state.Facts[index].Position : -1;

    /// <summary>Whether programmes were declared for the holder of a habilitation: they may have used it.</summary>
    public bool HasProgrammes(Habilitation habilitation) =>
        Require(habilitation.Granted.Convention).HasProgrammes(habilitation.Granted.Agent);

    private bool IsKnown(Partenariat partenariat) => partenariat.SignedAt <= _limit;

    private bool IsKnown(Habilitation habilitation) => habilitation.Granted.Position <= _limit;

    private Partenariat Then(Partenariat now) =>
        _partenariats is null
            ? now
            : _partenariats.GetOrAdd(
                now.Convention.Convention,
                (_, known) => known.Now.AsKnownAt(known.View._limit, known.View._catalogue),
                (Now: now, View: this)
            );

    private Habilitation Then(Habilitation now) =>
        _habilitations is null
            ? now
            : _habilitations.GetOrAdd(
                now.Granted.Event.Habilitation,
                (_, known) => known.Now.AsKnownAt(known.View._limit, known.View.ConventionNow(known.Now)),
                (Now: now, View: this)
            );

    private Partenariat ConventionNow(Habilitation habilitation) =>
        About.PartenariatOf(_state, habilitation.Granted.Convention);
}
