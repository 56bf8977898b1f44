using Ledger.Domain.Common;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Rights;

namespace Ledger.Domain.Partenariats;

/// <summary>One convention with its contract, enrolments, services, gestionnaires and agents, as it follows from what is known.</summary>
public sealed class Partenariat
{
    private readonly List<Fact> _facts;

    /// <summary>A partenariat begins with the signature of its convention.</summary>
    /// <exception cref="ArgumentException">The first fact is not a signature.</exception>
    public Partenariat(IEnumerable<Fact> facts)
    {
        _facts = [.. facts];
        Convention = _facts is [{ Event: ConventionSigned signed }, ..]
            ? signed
            : throw new ArgumentException("A partenariat begins with the signature of its convention.", nameof(facts));
    }

    /// <summary>The signature that it began with.</summary>
    public ConventionSigned Convention { get; }

    /// <summary>What happened, in the order in which it was learnt.</summary>
    public IReadOnlyList<Fact> Facts => _facts;

    /// <summary>The number of events in its stream.</summary>
    public long Version => _facts.Count;

    /// <summary>The day from which the convention is in force: that of the later signature (art. 17.1).</summary>
    public DateOnly InForceFrom => Convention.SignedByCafOn > Convention.SignedByPartenaireOn ? Convention.SignedByCafOn : Convention.SignedByPartenaireOn;

    /// <summary>Whether an agent is a gestionnaire, over time.</summary>
    public Timeline<bool> Gestionnaire(AgentId agent) => Over(
        false,
        fact => fact.Event switch
        {
            GestionnaireDesignated e when e.Agent == agent => At(fact, e.From, true),
            GestionnaireRevoked e when e.Agent == agent => At(fact, e.From, false),
            _ => null,
        });

    /// <summary>What keeps an agent from being attached, over time.</summary>
    public Timeline<Reason?> Attachment(AgentId agent) => Over<Reason?>(
        Reason.AgentNotAttached,
        fact => fact.Event switch
        {
            AgentAttached e when e.Agent == agent => At<Reason?>(fact, e.From, null),
            AgentDeparted e when e.Agent == agent => At<Reason?>(fact, e.LeftOn, Reason.AgentDeparted),
            _ => null,
        });

    /// <summary>What keeps a party's formalities from being complete, over time.</summary>
    public Timeline<Reason?> Formalities(Party party) => Over<Reason?>(
        Reason.FormalitiesIncomplete,
        fact => fact.Event is CnilFormalityRecorded e && e.Party == party
            ? At<Reason?>(fact, e.On, e.Outcome == FormalityOutcome.Unfavourable ? Reason.FormalitiesIncomplete : null)
            : null);

    /// <summary>What keeps a service from being open, over time.</summary>
    public Timeline<Reason?> Opening(ServiceCode service) => Over<Reason?>(
        Reason.ServiceNotOpen,
        fact => fact.Event switch
        {
            ServiceOpened e when e.Service == service => At<Reason?>(fact, e.From, null),
            ServiceClosed e when e.Service == service => At<Reason?>(fact, e.From, Reason.ServiceNotOpen),
            _ => null,
        });

    /// <summary>The bulletin d'adhésion for a service, over time.</summary>
    public Timeline<EnrolmentSigned?> Enrolment(ServiceCode service) => Over<EnrolmentSigned?>(
        null,
        fact => fact.Event is EnrolmentSigned e && e.Service == service ? At<EnrolmentSigned?>(fact, e.On, e) : null);

    /// <summary>The contrat de service, over time.</summary>
    public Timeline<ServiceContractSigned?> Contract() => Over<ServiceContractSigned?>(
        null,
        fact => fact.Event is ServiceContractSigned e ? At<ServiceContractSigned?>(fact, e.On, e) : null);

    /// <summary>The gestionnaires in office at an instant.</summary>
    public IEnumerable<AgentId> GestionnairesAt(DateTimeOffset instant) => _facts
        .Select(f => f.Event).OfType<GestionnaireDesignated>().Select(e => e.Agent).Distinct()
        .Where(agent => Gestionnaire(agent).At(instant).Value);

    /// <summary>The purposes that a habilitation may serve at an instant: its own, the enrolment's and the missions' alike.</summary>
    public IReadOnlyList<Purpose> PurposesOf(Habilitation habilitation, DateTimeOffset instant) =>
        Enrolment(habilitation.Granted.Service).At(instant).Value is { } enrolment
            ? [.. habilitation.Granted.Purposes.Intersect(enrolment.Purposes).Intersect(Convention.Missions).Order()]
            : [];

    internal void Apply(Fact fact) => _facts.Add(fact);

    internal IEnumerable<DateTimeOffset> PurposeChanges(Habilitation habilitation) =>
        Enrolment(habilitation.Granted.Service).Steps.Select(s => s.From);

    internal IEnumerable<Condition> ConditionsFor(Habilitation habilitation)
    {
        yield return Condition.That(Over<Reason?>(
            Reason.ConventionNotInForce,
            fact => fact.Event is ConventionSigned ? At<Reason?>(fact, InForceFrom, null) : null));
        yield return Condition.That(Formalities(Party.Caf));
        yield return Condition.That(Formalities(Party.Partenaire));
        yield return Condition.That(Opening(habilitation.Granted.Service));
        yield return Enrolled(habilitation);
        yield return Condition.That(Attachment(habilitation.Granted.Agent));
    }

    private static Step<T> At<T>(Fact fact, DateOnly day, T value) => new(LegalTime.StartOf(day), value, fact.Position);

    private Condition Enrolled(Habilitation habilitation)
    {
        var enrolment = Enrolment(habilitation.Granted.Service);
        return new Condition(enrolment.Steps.Select(s => s.From), instant =>
        {
            var step = enrolment.At(instant);
            var enrolled = step.Value is { } e && e.Profils.Contains(habilitation.Granted.Profil);
            return (enrolled ? null : Reason.ProfilNotEnrolled, step.Because is { } position ? [position] : []);
        });
    }

    private Timeline<T> Over<T>(T before, Func<Fact, Step<T>?> change) =>
        Timeline<T>.Of(before, _facts.Select(change).OfType<Step<T>>());
}
