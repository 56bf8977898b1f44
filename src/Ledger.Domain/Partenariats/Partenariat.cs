using System.Collections.Concurrent;
using System.Collections.Immutable;
using Ledger.Domain.Common;
using Ledger.Domain.Knowing;
using Ledger.Domain.Procedures;
using Ledger.Domain.Rights;

namespace Ledger.Domain.Partenariats;

/// <summary>
/// One convention with its contract, enrolments, services, gestionnaires and agents, as it follows from what is known.
/// Immutable: a fact gives another. What shapes every right alike is kept apart from what is about one agent, so that a
/// fact about an agent leaves the rest as it was computed.
/// </summary>
public sealed class Partenariat
{
    private readonly FactList _terms;
    private readonly FactList _modes;
    private readonly ImmutableDictionary<AgentId, FactList> _agents;
    private readonly ImmutableDictionary<HabilitationId, FactList> _requests;
    private readonly Timeline<Catalogue> _catalogue;
    private readonly long _known;

    // The rights that the convention gives alike, computed when they are asked for. Shared with every other version of
    // this convention that has the same terms and catalogue.
    private readonly ConcurrentDictionary<(ServiceCode, ProfilCode), IReadOnlyList<RightSegment>> _common;

    private Partenariat(
        ConventionSigned convention,
        FactList terms,
        FactList modes,
        ImmutableDictionary<AgentId, FactList> agents,
        ImmutableDictionary<HabilitationId, FactList> requests,
        Timeline<Catalogue> catalogue,
        long version,
        long known,
        ConcurrentDictionary<(ServiceCode, ProfilCode), IReadOnlyList<RightSegment>>? common = null
    )
    {
        (Convention, _terms, _modes, _agents, _requests) = (convention, terms, modes, agents, requests);
        (_catalogue, Version, _known, _common) = (catalogue, version, known, common ?? new());
    }

    /// <summary>The signature that it began with.</summary>
    public ConventionSigned Convention { get; }

    /// <summary>The number of events in its stream.</summary>
    public long Version { get; }

    /// <summary>The position of its signature.</summary>
    public long SignedAt => _terms.UpTo(long.MaxValue).First().Position;

    /// <summary>What happened to the convention itself and stands, in the order in which it was learnt.</summary>
    public IEnumerable<Fact> Terms => _terms.Standing(_known);

    /// <summary>The day from which the convention is in force: that of the later signature (art. 17.1).</summary>
    public DateOnly InForceFrom => LegalTime.Later(Convention.SignedByCafOn, Convention.SignedByPartenaireOn);

    /// <summary>A partenariat begins with the signature of its convention.</summary>
    /// <exception cref="ArgumentException">The fact is not a signature.</exception>
    public static Partenariat Begun(Fact fact, Timeline<Catalogue> catalogue) =>
        fact.Event is ConventionSigned signed
            ? new Partenariat(
                signed,
                FactList.Empty.Add(fact),
                FactList.Empty.Add(fact),
                ImmutableDictionary<AgentId, FactList>.Empty,
                ImmutableDictionary<HabilitationId, FactList>.Empty,
                catalogue,
                version: 1,
                long.MaxValue
            )
            : throw new ArgumentException("A partenariat begins with the signature of its convention.", nameof(fact));

    /// <summary>Whether a step of a procedure bears on the convention: art. 17.2.</summary>
    public static bool IsNotice(ProcedureEvent step) => step is TerminationNotified or BreachNoticed or BreachRemedied;

    /// <summary>
    /// Whether an agent is a gestionnaire, over time. An office ends at its revocation and at its holder's departure.
    /// </summary>
    public Timeline<bool> Gestionnaire(AgentId agent) =>
        Over(
            Of(agent),
            false,
            fact =>
                fact.Event switch
                {
                    GestionnaireDesignated e => At(fact, e.From, true),
                    GestionnaireRevoked e => At(fact, e.From, false),
                    AgentDeparted e => At(fact, e.LeftOn, false),
                    _ => null,
                }
        );

    /// <summary>What keeps an agent from being attached, over time.</summary>
    public Timeline<Reason?> Attachment(AgentId agent) =>
        Over<Reason?>(
            Of(agent),
            Reason.AgentNotAttached,
            fact =>
                fact.Event switch
                {
                    AgentAttached e => At<Reason?>(fact, e.From, null),
                    AgentDeparted e => At<Reason?>(fact, e.LeftOn, Reason.AgentDeparted),
                    _ => null,
                }
        );

    /// <summary>That a party's formalities are complete.</summary>
    public Condition Formalities(Party party) => Partenariats.Formalities.Of(Terms, party);

    /// <summary>What keeps a service from being open, over time.</summary>
    public Timeline<Reason?> Opening(ServiceCode service) =>
        Over<Reason?>(
            _terms,
            Reason.ServiceNotOpen,
            fact =>
                fact.Event switch
                {
                    ServiceOpened e when e.Service == service => At<Reason?>(fact, e.From, null),
                    ServiceClosed e when e.Service == service => At<Reason?>(fact, e.From, Reason.ServiceNotOpen),
                    _ => null,
                }
        );

    /// <summary>The bulletin d'adhésion for a service, over time.</summary>
    public Timeline<EnrolmentSigned?> Enrolment(ServiceCode service) =>
        Over<EnrolmentSigned?>(
            _terms,
            null,
            fact => fact.Event is EnrolmentSigned e && e.Service == service ? At<EnrolmentSigned?>(fact, e.On, e) : null
        );

    /// <summary>The contrat de service, over time.</summary>
    public Timeline<ServiceContractSigned?> Contract() =>
        Over<ServiceContractSigned?>(
            _terms,
            null,
            fact => fact.Event is ServiceContractSigned e ? At<ServiceContractSigned?>(fact, e.On, e) : null
        );

    /// <summary>
    /// The versions of the contrat de service that were in force at some time of a period, as was known at its end, and
    /// at each version that was recorded later.
    /// </summary>
    public IEnumerable<Step<ServiceContractSigned?>> ContractsKnownBetween(DateTimeOffset from, DateTimeOffset until)
    {
        var signed = Terms.Where(f => f.Event is ServiceContractSigned).ToList();
        var known = signed.Count(f => f.RecordedAt < until);
        return Enumerable
            .Range(known, signed.Count - known + 1)
            .SelectMany(count => ContractOver(signed[..count]).Between(from, until))
            .Where(s => s.Value is not null)
            .Distinct();
    }

    private static Timeline<ServiceContractSigned?> ContractOver(IEnumerable<Fact> signed) =>
        Timeline<ServiceContractSigned?>.Of(
            null,
            signed.Select(f =>
                At<ServiceContractSigned?>(f, ((ServiceContractSigned)f.Event).On, (ServiceContractSigned)f.Event)
            )
        );

    /// <summary>
    /// Who manages the access rights, over time: art. 9.1. A change takes effect no earlier than it is recorded: it
    /// unmakes no grant that was right then.
    /// </summary>
    public Timeline<HabilitationMode> Mode() =>
        Over(
            _modes,
            Convention.Mode,
            fact =>
                fact.Event switch
                {
                    ConventionSigned => new Step<HabilitationMode>(LegalTime.Earliest, Convention.Mode, fact.Position),
                    HabilitationModeChanged e when At(fact, e.From, e.Mode) is var step => step with
                    {
                        From = LegalTime.Later(step.From, fact.RecordedAt),
                    },
                    _ => null,
                }
        );

    /// <summary>The purposes that art. 8 allows, over time: avenants change them.</summary>
    public Timeline<IReadOnlyList<Purpose>> Missions() =>
        Over<IReadOnlyList<Purpose>>(
            _terms,
            Convention.Missions,
            fact => fact.Event is ConventionAmended { Missions: { } missions } e ? At(fact, e.From, missions) : null
        );

    /// <summary>
    /// What keeps the convention from being in force, over time: art. 17. It is renewed each year without a word until
    /// it ends.
    /// </summary>
    public Timeline<Reason?> InForce() =>
        Over<Reason?>(
            _terms,
            Reason.ConventionNotInForce,
            fact =>
                fact.Event is ConventionSigned ? At<Reason?>(fact, InForceFrom, null)
                : Ends.DayOf(fact, Terms, InForceFrom) is { } day ? At<Reason?>(fact, day, Reason.ConventionTerminated)
                : null
        );

    /// <summary>Whether the convention has ended at an instant.</summary>
    public bool HasEnded(DateTimeOffset instant) => InForce().At(instant).Value == Reason.ConventionTerminated;

    /// <summary>
    /// The year of the convention, of one and renewed without a word, that a day falls in: art. 17.1.
    /// </summary>
    /// <returns>Its first day and the day it ends; null before the convention or after its end.</returns>
    public (DateOnly From, DateOnly Until)? YearAt(DateOnly day)
    {
        if (InForce().At(LegalTime.StartOf(day)).Value is not null)
        {
            return null;
        }

        var years = day.Year - InForceFrom.Year;
        var from = InForceFrom.AddYears(years);
        return from <= day ? (from, InForceFrom.AddYears(years + 1)) : (InForceFrom.AddYears(years - 1), from);
    }

    /// <summary>Whether a programme is declared for a human, over time: art. 9.2.</summary>
    public Timeline<bool> Automaton(AgentId programme, AgentId bearer) =>
        Over(
            Of(bearer),
            false,
            fact => fact.Event is AutomatonDeclared e && e.Programme == programme ? At(fact, e.From, true) : null
        );

    /// <summary>Whether an agent was ever a gestionnaire, whatever was rectified since.</summary>
    internal bool WasDesignated(AgentId agent) => Of(agent).UpTo(_known).Any(f => f.Event is GestionnaireDesignated);

    /// <summary>Whether a programme was ever declared for a human.</summary>
    public bool HasProgrammes(AgentId bearer) => Of(bearer).UpTo(_known).Any(f => f.Event is AutomatonDeclared);

    /// <summary>The partner's request for a right, unless it was refused since: it may be asked for again.</summary>
    /// <param name="habilitation">The right.</param>
    /// <param name="before">Of what was learnt before this position alone.</param>
    public Fact? RequestFor(HabilitationId habilitation, long before = long.MaxValue) =>
        Of(habilitation).Standing(_known).TakeWhile(f => f.Position < before).LastOrDefault()
            is { Event: HabilitationRequested } request
            ? request
            : null;

    /// <summary>The gestionnaires in office at an instant.</summary>
    public IEnumerable<AgentId> GestionnairesAt(DateTimeOffset instant) =>
        _agents
            .Where(a => a.Value.Standing(_known).Any(f => f.Event is GestionnaireDesignated))
            .Select(a => a.Key)
            .Where(agent => Gestionnaire(agent).At(instant).Value);

    /// <summary>The last designation of each agent who was ever a gestionnaire.</summary>
    public IEnumerable<GestionnaireDesignated> Designations() =>
        _agents
            .Values.Select(facts => facts.Standing(_known).Select(f => f.Event).OfType<GestionnaireDesignated>())
            .Select(designated => designated.LastOrDefault())
            .OfType<GestionnaireDesignated>();

    /// <summary>
    /// What the rights under the convention have in common, for each service and profile ever enrolled.
    /// </summary>
    public IEnumerable<CommonKey> Common() =>
        _terms
            .UpTo(_known)
            .Select(f => f.Event)
            .OfType<EnrolmentSigned>()
            .SelectMany(e => e.Profils.Select(profil => new CommonKey(e.Convention, e.Service, profil)))
            .Distinct();

    /// <summary>
    /// What every right to a service in a profile needs of the convention, over time: in force, formalities done,
    /// service open, profile enrolled and in the catalogue; with the purposes and files that the enrolment and the
    /// missions allow.
    /// </summary>
    public IReadOnlyList<RightSegment> CommonRights(ServiceCode service, ProfilCode profil) =>
        _common.GetOrAdd((service, profil), key => RightTimeline.Compose(Conditions(key), Scope(key.Item1), []));

    /// <summary>The convention with one more fact.</summary>
    internal Partenariat With(Fact fact) =>
        fact.Event switch
        {
            IAgentEvent e => Copy(
                agents: _agents.SetItem(e.Agent, Of(e.Agent).Add(fact)),
                version: Version + 1,
                common: _common
            ),
            HabilitationRequested e => Asked(e.Habilitation, facts => facts.Add(fact), Version + 1),
            HabilitationRefused e => Asked(e.Habilitation, facts => facts.Add(fact), Version + 1),
            HabilitationModeChanged => Copy(_terms.Add(fact), _modes.Add(fact), version: Version + 1),
            _ => Copy(_terms.Add(fact), version: Version + 1),
        };

    /// <summary>The convention with departures from the partner that were told under its others.</summary>
    internal Partenariat With(ImmutableDictionary<AgentId, FactList> departures) => Copy(agents: departures);

    /// <summary>The convention with a departure from the partner that was told under another.</summary>
    internal Partenariat WithDeparture(AgentDeparted e, Func<FactList, FactList> change) =>
        Copy(agents: _agents.SetItem(e.Agent, change(Of(e.Agent))), common: _common);

    /// <summary>The convention with a notice, which is an event of a procedure.</summary>
    internal Partenariat WithNotice(Fact fact) => Copy(_terms.Add(fact));

    /// <summary>The convention under another catalogue.</summary>
    internal Partenariat With(Timeline<Catalogue> catalogue) => Copy(catalogue: catalogue);

    /// <summary>The convention without a fact, from its rectification on.</summary>
    internal Partenariat Rectify(Fact fact, long by) =>
        fact.Event switch
        {
            IAgentEvent e => Copy(
                agents: _agents.SetItem(e.Agent, Of(e.Agent).Rectify(fact.Position, by)),
                common: _common
            ),
            HabilitationRequested e => Asked(e.Habilitation, facts => facts.Rectify(fact.Position, by), Version),
            HabilitationRefused e => Asked(e.Habilitation, facts => facts.Rectify(fact.Position, by), Version),
            HabilitationModeChanged => Copy(_terms.Rectify(fact.Position, by), _modes.Rectify(fact.Position, by)),
            _ => Copy(_terms.Rectify(fact.Position, by)),
        };

    /// <summary>The convention as it was known at a position, with the catalogue known then.</summary>
    internal Partenariat AsKnownAt(long position, Timeline<Catalogue> catalogue) =>
        new(
            Convention,
            _terms,
            _modes,
            _agents,
            _requests,
            catalogue,
            Version,
            position,
            _terms.LastChange <= position && ReferenceEquals(catalogue, _catalogue) ? _common : null
        );

    /// <summary>What is known of who manages the access rights.</summary>
    internal FactList ModeFacts => _modes;

    /// <summary>What is known of an agent of the partner.</summary>
    internal FactList Of(AgentId agent) => _agents.GetValueOrDefault(agent, FactList.Empty);

    /// <summary>What is known of the requests for a right.</summary>
    internal FactList Of(HabilitationId habilitation) => _requests.GetValueOrDefault(habilitation, FactList.Empty);

    /// <summary>The positions of the rectifications about the requests for a right.</summary>
    internal IEnumerable<long> RectificationsOf(HabilitationId id) => Of(id).Rectifications(_known);

    /// <summary>The positions of the rectifications about an agent.</summary>
    internal IEnumerable<long> RectificationsOf(AgentId agent) => Of(agent).Rectifications(_known);

    private IEnumerable<Condition> Conditions((ServiceCode Service, ProfilCode Profil) key)
    {
        yield return Condition.That(InForce());
        yield return Formalities(Party.Caf);
        yield return Formalities(Party.Partenaire);
        yield return Condition.That(Opening(key.Service));
        yield return Condition.Over(
            Enrolment(key.Service),
            e => e?.Profils.Contains(key.Profil) == true ? null : Reason.ProfilNotEnrolled
        );
        yield return Condition.Over(
            _catalogue,
            c => c.Has(key.Service, key.Profil) ? null : Reason.ProfilNotInCatalogue
        );

        // What missions there are is no reason by itself: it bears on the purposes, and its avenant is among the
        // positions.
        yield return Condition.Over(Missions(), _ => null);
        yield return Condition.Because(_terms.Rectifications(_known));
    }

    private Func<DateTimeOffset, RightScope> Scope(ServiceCode service)
    {
        var (enrolments, missions) = (Enrolment(service), Missions());
        return instant =>
        {
            var limits = new PurposeLimits(missions.At(instant).Value, enrolments.At(instant).Value?.Purposes);
            return enrolments.At(instant).Value is { } enrolment
                ? new([.. enrolment.Purposes.Intersect(limits.Missions).Order()], Cover.Of(enrolment.Perimeter), limits)
                : new([], Cover.Whole, limits);
        };
    }

    private Partenariat Asked(HabilitationId id, Func<FactList, FactList> change, long version) =>
        Copy(requests: _requests.SetItem(id, change(Of(id))), version: version, common: _common);

    private Partenariat Copy(
        FactList? terms = null,
        FactList? modes = null,
        ImmutableDictionary<AgentId, FactList>? agents = null,
        ImmutableDictionary<HabilitationId, FactList>? requests = null,
        Timeline<Catalogue>? catalogue = null,
        long? version = null,
        ConcurrentDictionary<(ServiceCode, ProfilCode), IReadOnlyList<RightSegment>>? common = null
    ) =>
        new(
            Convention,
            terms ?? _terms,
            modes ?? _modes,
            agents ?? _agents,
            requests ?? _requests,
            catalogue ?? _catalogue,
            version ?? Version,
            _known,
            common
        );

    private static Step<T> At<T>(Fact fact, DateOnly day, T value) => new(LegalTime.StartOf(day), value, fact.Position);

    private Timeline<T> Over<T>(FactList facts, T before, Func<Fact, Step<T>?> change) =>
        Timeline<T>.Of(before, facts.Standing(_known).Select(change).OfType<Step<T>>());
}
