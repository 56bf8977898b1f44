using Ledger.Domain.Common;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Procedures;
using Ledger.Domain.Rights;

namespace Ledger.Domain.Partenariats;

/// <summary>
/// One convention with its contract, enrolments, services, gestionnaires and agents, as it follows from what is known.
/// </summary>
public sealed class Partenariat
{
    private readonly List<Fact> _facts;
    private readonly List<Fact> _notices = [];
    private readonly SortedSet<long> _rectifications = [];

    /// <summary>A partenariat begins with the signature of its convention.</summary>
    /// <exception cref="ArgumentException">The first fact is not a signature.</exception>
    public Partenariat(IEnumerable<Fact> facts)
    {
        _facts = [.. facts];
        Version = _facts.Count;
        Convention = _facts is [{ Event: ConventionSigned signed }, ..]
            ? signed
            : throw new ArgumentException("A partenariat begins with the signature of its convention.", nameof(facts));
    }

    /// <summary>The signature that it began with.</summary>
    public ConventionSigned Convention { get; }

    /// <summary>What happened and stands, in the order in which it was learnt.</summary>
    public IReadOnlyList<Fact> Facts => _facts;

    /// <summary>The number of events in its stream.</summary>
    public long Version { get; private set; }

    /// <summary>The positions of the rectifications that took one of its facts away.</summary>
    public IReadOnlyCollection<long> Rectifications => _rectifications;

    /// <summary>The day from which the convention is in force: that of the later signature (art. 17.1).</summary>
    public DateOnly InForceFrom =>
        Convention.SignedByCafOn > Convention.SignedByPartenaireOn
            ? Convention.SignedByCafOn
            : Convention.SignedByPartenaireOn;

    /// <summary>Whether an agent is a gestionnaire, over time.</summary>
    public Timeline<bool> Gestionnaire(AgentId agent) =>
        Over(
            false,
            fact =>
                fact.Event switch
                {
                    GestionnaireDesignated e when e.Agent == agent => At(fact, e.From, true),
                    GestionnaireRevoked e when e.Agent == agent => At(fact, e.From, false),
                    _ => null,
                }
        );

    /// <summary>What keeps an agent from being attached, over time.</summary>
    public Timeline<Reason?> Attachment(AgentId agent) =>
        Over<Reason?>(
            Reason.AgentNotAttached,
            fact =>
                fact.Event switch
                {
                    AgentAttached e when e.Agent == agent => At<Reason?>(fact, e.From, null),
                    AgentDeparted e when e.Agent == agent => At<Reason?>(fact, e.LeftOn, Reason.AgentDeparted),
                    _ => null,
                }
        );

    /// <summary>What keeps a party's formalities from being complete, over time.</summary>
    public Timeline<Reason?> Formalities(Party party) =>
        Over<Reason?>(
            Reason.FormalitiesIncomplete,
            fact =>
                fact.Event is CnilFormalityRecorded e && e.Party == party
                    ? At<Reason?>(
                        fact,
                        e.On,
                        e.Outcome == FormalityOutcome.Unfavourable ? Reason.FormalitiesIncomplete : null
                    )
                    : null
        );

    /// <summary>What keeps a service from being open, over time.</summary>
    public Timeline<Reason?> Opening(ServiceCode service) =>
        Over<Reason?>(
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
            null,
            fact => fact.Event is EnrolmentSigned e && e.Service == service ? At<EnrolmentSigned?>(fact, e.On, e) : null
        );

    /// <summary>The contrat de service, over time.</summary>
    public Timeline<ServiceContractSigned?> Contract() =>
        Over<ServiceContractSigned?>(
            null,
            fact => fact.Event is ServiceContractSigned e ? At<ServiceContractSigned?>(fact, e.On, e) : null
        );

    /// <summary>Who manages the access rights, over time: art. 9.1.</summary>
    public Timeline<HabilitationMode> Mode() =>
        Over(
            Convention.Mode,
            fact =>
                fact.Event switch
                {
                    ConventionSigned => new Step<HabilitationMode>(LegalTime.Earliest, Convention.Mode, fact.Position),
                    HabilitationModeChanged e => At(fact, e.From, e.Mode),
                    _ => null,
                }
        );

    /// <summary>The purposes that art. 8 allows, over time: avenants change them.</summary>
    public Timeline<IReadOnlyList<Purpose>> Missions() =>
        Over<IReadOnlyList<Purpose>>(
            Convention.Missions,
            fact => fact.Event is ConventionAmended { Missions: { } missions } e ? At(fact, e.From, missions) : null
        );

    /// <summary>
    /// What keeps the convention from being in force, over time: art. 17. It is renewed each year without a word. A
    /// notice of
    /// termination cuts it at its effective date, a notice of breaches when the month to remedy them has run out.
    /// </summary>
    public Timeline<Reason?> InForce() =>
        Over<Reason?>(
            Reason.ConventionNotInForce,
            fact =>
                fact.Event switch
                {
                    ConventionSigned => At<Reason?>(fact, InForceFrom, null),
                    ConventionTerminated e => At<Reason?>(fact, e.From, Reason.ConventionTerminated),
                    TerminationNotified e => At<Reason?>(fact, EffectOf(e.Step), Reason.ConventionTerminated),
                    BreachNoticed e when Unremedied(e.Step) is { } day => At<Reason?>(
                        fact,
                        day,
                        Reason.ConventionTerminated
                    ),
                    _ => null,
                },
            _notices
        );

    /// <summary>
    /// The day on which a notice of termination takes effect: the day wished, but never less than three months after
    /// receipt (art. 17.2).
    /// </summary>
    public static DateOnly EffectOf(ProcedureStep termination)
    {
        var least = LegalTime.AfterMonths(termination.On, ProcedureTable.TerminationMonths);
        var wished = DateOnly.ParseExact(termination.Details["wished-on"], "yyyy-MM-dd");
        return wished > least ? wished : least;
    }

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
            false,
            fact =>
                fact.Event is AutomatonDeclared e && e.Programme == programme && e.Bearer == bearer
                    ? At(fact, e.From, true)
                    : null
        );

    /// <summary>The partner's request for a right, unless it was refused.</summary>
    public Fact? RequestFor(HabilitationId habilitation) =>
        _facts.Any(f => f.Event is HabilitationRefused e && e.Habilitation == habilitation)
            ? null
            : _facts.LastOrDefault(f => f.Event is HabilitationRequested e && e.Habilitation == habilitation);

    /// <summary>The gestionnaires in office at an instant.</summary>
    public IEnumerable<AgentId> GestionnairesAt(DateTimeOffset instant) =>
        _facts
            .Select(f => f.Event)
            .OfType<GestionnaireDesignated>()
            .Select(e => e.Agent)
            .Distinct()
            .Where(agent => Gestionnaire(agent).At(instant).Value);

    /// <summary>
    /// What a habilitation is for, at an instant: the purposes and the files that it, the enrolment and the missions
    /// allow alike.
    /// </summary>
    public Func<DateTimeOffset, (IReadOnlyList<Purpose> Purposes, Cover Cover)> ScopeOf(Habilitation habilitation)
    {
        var (enrolments, terms, missions) = (Enrolment(habilitation.Granted.Service), habilitation.Terms(), Missions());
        return instant =>
            enrolments.At(instant).Value is { } enrolment && terms.At(instant).Value is var own
                ? (
                    [.. own.Purposes.Intersect(enrolment.Purposes).Intersect(missions.At(instant).Value).Order()],
                    own.Perimeter.And(enrolment.Perimeter)
                )
                : ([], Cover.Whole);
    }

    internal void Apply(Fact fact)
    {
        _facts.Add(fact);
        Version++;
    }

    internal void Notice(Fact fact) => _notices.Add(fact);

    internal void Rectify(long position, long by)
    {
        _facts.RemoveAll(f => f.Position == position);
        _notices.RemoveAll(f => f.Position == position);
        _rectifications.Add(by);
    }

    internal IEnumerable<Condition> ConditionsFor(Habilitation habilitation, Knowledge known)
    {
        yield return Condition.That(InForce());
        yield return Condition.That(Formalities(Party.Caf));
        yield return Condition.That(Formalities(Party.Partenaire));
        yield return Condition.That(Opening(habilitation.Granted.Service));
        yield return Condition.Over(
            Enrolment(habilitation.Granted.Service),
            e => e?.Profils.Contains(habilitation.Granted.Profil) == true ? null : Reason.ProfilNotEnrolled
        );
        yield return Condition.That(known.InCatalogue(habilitation.Granted.Service, habilitation.Granted.Profil));
        yield return Condition.That(Attachment(habilitation.Granted.Agent));

        // What missions there are is no reason by itself: it bears on the purposes, and its avenant is among the
        // positions.
        yield return Condition.Over(Missions(), _ => null);
    }

    private DateOnly? Unremedied(ProcedureStep notice)
    {
        var end = LegalTime.AfterMonths(notice.On, ProcedureTable.BreachMonths);
        return _notices.Any(n =>
            n.Event is BreachRemedied remedy && remedy.Step.Procedure == notice.Procedure && remedy.Step.On < end
        )
            ? null
            : end;
    }

    private static Step<T> At<T>(Fact fact, DateOnly day, T value) => new(LegalTime.StartOf(day), value, fact.Position);

    private Timeline<T> Over<T>(T before, Func<Fact, Step<T>?> change, IEnumerable<Fact>? and = null) =>
        Timeline<T>.Of(before, _facts.Concat(and ?? []).Select(change).OfType<Step<T>>());
}
