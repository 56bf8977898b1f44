using System.Diagnostics.CodeAnalysis;
using Ledger.Domain.Control;
using Ledger.Domain.Dossiers;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Partenariats;
using Ledger.Domain.Procedures;
using Ledger.Domain.Rights;

namespace Ledger.Domain.Common;

/// <summary>
/// What the ledger knows after some position of everything that bears on rights: enough to decide a command, to judge a
/// use and to
/// answer a question. Facts of use are not part of it.
/// </summary>
public sealed partial class Knowledge
{
    private readonly Dictionary<ConventionId, Partenariat> _partenariats = [];
    private readonly Dictionary<HabilitationId, Habilitation> _habilitations = [];
    private readonly Dictionary<ProcedureId, Procedure> _procedures = [];
    private readonly Dictionary<ConventionId, List<Habilitation>> _byConvention = [];
    private readonly Dictionary<(Siret, AgentId), List<Habilitation>> _byAgent = [];
    private readonly Dictionary<HabilitationId, IReadOnlyList<RightSegment>> _rights = [];
    private readonly SortedList<long, Fact> _facts = [];
    private readonly Dictionary<Siret, List<Fact>> _bySiret = [];
    private readonly List<Fact> _ofAll = [];
    private readonly Dictionary<long, long> _rectified = [];
    private readonly List<Fact> _catalogues = [];
    private Timeline<Catalogue> _catalogue = Timeline<Catalogue>.Of(Catalogue.Illustrative, []);

    /// <summary>The position of the last fact known; -1 before the first.</summary>
    public long Position { get; private set; } = -1;

    /// <summary>The conventions.</summary>
    public IReadOnlyCollection<Partenariat> Partenariats => _partenariats.Values;

    /// <summary>The habilitations.</summary>
    public IReadOnlyCollection<Habilitation> Habilitations => _habilitations.Values;

    /// <summary>The procedures.</summary>
    public IReadOnlyCollection<Procedure> Procedures => _procedures.Values;

    /// <summary>The files of which something is known.</summary>
    public DossierBook Dossiers { get; } = new();

    /// <summary>Every fact, in the order of the positions: rectified ones too.</summary>
    public IList<Fact> Facts => _facts.Values;

    /// <summary>Whether an event is one of those that are known here.</summary>
    public static bool Bears(LedgerEvent @event) => @event is not JournalEvent { IsKnowledge: false };

    /// <summary>Builds it from facts in the order of their positions.</summary>
    public static Knowledge Of(IEnumerable<Fact> facts)
    {
        var known = new Knowledge();
        foreach (var fact in facts)
        {
            known.Apply(fact);
        }

        return known;
    }

    /// <summary>The rights of a habilitation over valid time: <see cref="RightTimeline"/>'s, computed once.</summary>
    public IReadOnlyList<RightSegment> RightsOf(Habilitation habilitation)
    {
        var id = habilitation.Granted.Event.Habilitation;
        if (!_rights.TryGetValue(id, out var rights))
        {
            _rights[id] = rights = RightTimeline.Of(this, habilitation);
        }

        return rights;
    }

    /// <summary>The catalogue in force at an instant.</summary>
    public Catalogue CatalogueAt(DateTimeOffset instant) => _catalogue.At(instant).Value;

    /// <summary>What keeps a profile from being in the catalogue, over time.</summary>
    public Timeline<Reason?> InCatalogue(ServiceCode service, ProfilCode profil)
    {
        return Timeline<Reason?>.Of(
            Missing(Catalogue.Illustrative),
            _catalogue.Steps.Skip(1).Select(s => new Step<Reason?>(s.From, Missing(s.Value), s.Because))
        );

        Reason? Missing(Catalogue catalogue) => catalogue.Has(service, profil) ? null : Reason.ProfilNotInCatalogue;
    }

    /// <summary>The convention, if it is known.</summary>
    public bool TryFind(ConventionId id, [NotNullWhen(true)] out Partenariat? partenariat) =>
        _partenariats.TryGetValue(id, out partenariat);

    /// <summary>The habilitation, if it is known.</summary>
    public bool TryFind(HabilitationId id, [NotNullWhen(true)] out Habilitation? habilitation) =>
        _habilitations.TryGetValue(id, out habilitation);

    /// <summary>The procedure, if it is known.</summary>
    public bool TryFind(ProcedureId id, [NotNullWhen(true)] out Procedure? procedure) =>
        _procedures.TryGetValue(id, out procedure);

    /// <summary>The fact at a position, rectified or not.</summary>
    public Fact? FactAt(long position) => _facts.GetValueOrDefault(position);

    /// <summary>The position of the rectification of an event, if there was one.</summary>
    public long? RectifiedBy(long position) => _rectified.TryGetValue(position, out var by) ? by : null;

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

    /// <summary>The habilitations of an agent at a partner, in the order in which they were learnt.</summary>
    public IReadOnlyList<Habilitation> Of(Siret siret, AgentId agent) =>
        _byAgent.TryGetValue((siret, agent), out var list) ? list : [];

    /// <summary>The habilitations under a convention, in the order in which they were learnt.</summary>
    public IReadOnlyList<Habilitation> Of(ConventionId convention) =>
        _byConvention.TryGetValue(convention, out var list) ? list : [];

    /// <summary>The version of an event's stream before the event.</summary>
    public long VersionOf(LedgerEvent @event) =>
        @event switch
        {
            PartenariatEvent e => TryFind(e.Convention, out var partenariat) ? partenariat.Version : 0,
            HabilitationEvent e => TryFind(e.Habilitation, out var habilitation) ? habilitation.Version : 0,
            ProcedureEvent e => TryFind(e.Step.Procedure, out var procedure) ? procedure.Version : 0,
            CatalogueVersionPublished => _catalogues.Count,
            _ => throw new ArgumentException("A journal's version is not kept here.", nameof(@event)),
        };

    /// <summary>What was known once the event at <paramref name="position"/> was.</summary>
    public Knowledge AsKnownAt(long position) =>
        position >= Position ? this : Of(Facts.TakeWhile(f => f.Position <= position));

    /// <summary>
    /// The same, of some partners and files alone: enough to judge their uses, and far less to build.
    /// </summary>
    public Knowledge AsKnownAt(long position, IEnumerable<Siret> sirets, IEnumerable<string> dossiers)
    {
        if (position >= Position)
        {
            return this;
        }

        var then = Of(Bearing(position, sirets, dossiers));
        then.Position = LastAt(position);
        return then;
    }

    /// <summary>
    /// The facts up to a position that bear on the rights at some partners and on some files, in their order: enough to
    /// judge those uses.
    /// </summary>
    public IReadOnlyList<Fact> Bearing(long position, IEnumerable<Siret> sirets, IEnumerable<string> dossiers) =>
        [
            .. sirets
                .Distinct()
                .SelectMany(s => _bySiret.GetValueOrDefault(s) ?? [])
                .Concat(_ofAll)
                .Concat(dossiers.Distinct().SelectMany(Dossiers.AllOf))
                .Where(f => f.Position <= position)
                .DistinctBy(f => f.Position)
                .OrderBy(f => f.Position),
        ];

    /// <summary>The partner that a fact is about, if it is about one.</summary>
    public Siret? SiretOf(LedgerEvent @event) =>
        @event switch
        {
            PartenariatEvent e => Require(e.Convention).Convention.Siret,
            HabilitationEvent e => Require(Require(e.Habilitation).Granted.Convention).Convention.Siret,
            ProcedureEvent { Step.Convention: { } convention } => Require(convention).Convention.Siret,
            ProcedureEvent e when e.Step.Details.TryGetValue("siret", out var siret) => Siret.Parse(siret),
            RectificationMade e => FactAt(e.Of) is { } fact ? SiretOf(fact.Event) : null,
            _ => null,
        };

    /// <summary>The agent that a fact is about, if it is about one.</summary>
    public AgentId? AgentOf(LedgerEvent @event) =>
        @event switch
        {
            AgentAttached e => e.Agent,
            AgentDeparted e => e.Agent,
            AgentFunctionChanged e => e.Agent,
            CredentialsIssued e => e.Agent,
            AutomatonDeclared e => e.Bearer,
            GestionnaireDesignated e => e.Agent,
            GestionnaireRevoked e => e.Agent,
            HabilitationRequested e => e.Agent,
            HabilitationEvent e => Require(e.Habilitation).Granted.Agent,
            ProcedureEvent e when e.Step.Details.TryGetValue("agent", out var agent) => AgentId.Parse(agent),
            RectificationMade e => FactAt(e.Of) is { } fact ? AgentOf(fact.Event) : null,
            _ => null,
        };

    /// <summary>
    /// The position of the last fact at or before one; -1 before the first. Whoever knows up to either knows the same.
    /// </summary>
    public long LastAt(long position)
    {
        var positions = _facts.Keys;
        var (low, high) = (-1, positions.Count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            (low, high) = positions[middle] <= position ? (middle, high) : (low, middle - 1);
        }

        return low < 0 ? -1 : positions[low];
    }
}
