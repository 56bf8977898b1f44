using Ledger.Domain.Common;
using Ledger.Domain.Partenariats;
using Ledger.Domain.Rights;

namespace Ledger.Domain.Questions;

/// <summary>One convention as it stands at a moment, with what is known.</summary>
/// <param name="partenariat">The convention.</param>
/// <param name="at">The moment.</param>
public sealed class ConventionOverview(Partenariat partenariat, DateTimeOffset at)
{
    private readonly IReadOnlyList<Fact> _terms = [.. partenariat.Terms];

    /// <summary>The signature that it began with.</summary>
    public ConventionSigned Signature => partenariat.Convention;

    /// <summary>The day from which it is in force: art. 17.1.</summary>
    public DateOnly InForceFrom => partenariat.InForceFrom;

    /// <summary>Whether it is in force.</summary>
    public bool IsInForce => partenariat.InForce().At(at).Value is null;

    /// <summary>The day from which it is not in force any more; null where none is known: art. 17.2.</summary>
    public DateOnly? EndsOn =>
        partenariat.InForce().Steps.FirstOrDefault(s => s.Value == Reason.ConventionTerminated)
            is { Because: not null } end
            ? LegalTime.DayOf(end.From)
            : null;

    /// <summary>Who manages the rights: art. 9.1.</summary>
    public HabilitationMode Mode => partenariat.Mode().At(at).Value;

    /// <summary>The purposes that it allows: art. 8.</summary>
    public IReadOnlyList<Purpose> Missions => partenariat.Missions().At(at).Value;

    /// <summary>Whether the formalities of both parties are complete: art. 12.</summary>
    public bool HasFormalities =>
        partenariat.Formalities(Party.Caf).At(at).Missing is null
        && partenariat.Formalities(Party.Partenaire).At(at).Missing is null;

    /// <summary>The service contract that governs it; null for none: art. 2.</summary>
    public ServiceContractSigned? Contract => partenariat.Contract().At(at).Value;

    /// <summary>The services that were ever opened or enrolled.</summary>
    public IEnumerable<ServiceLife> Services =>
        _terms
            .Select(f =>
                f.Event switch
                {
                    ServiceOpened e => e.Service,
                    EnrolmentSigned e => e.Service,
                    _ => (ServiceCode?)null,
                }
            )
            .OfType<ServiceCode>()
            .Distinct()
            .OrderBy(s => s.Value, StringComparer.Ordinal)
            .Select(service => new ServiceLife(
                service,
                Stretches(partenariat.Opening(service), missing => missing is null),
                partenariat.Enrolment(service).At(at).Value
            ));

    /// <summary>Who was ever a gestionnaire: art. 9.1.</summary>
    public IEnumerable<OfficeHeld> Offices =>
        partenariat
            .Designations()
            .OrderBy(d => d.Agent.Value, StringComparer.Ordinal)
            .Select(d => new OfficeHeld(
                d.Agent,
                d.Rank,
                Stretches(partenariat.Gestionnaire(d.Agent), inOffice => inOffice)
            ));

    /// <summary>The positions of the signature and of what changed its terms.</summary>
    public IEnumerable<long> Because => _terms.Select(f => f.Position);

    private static List<Stretch> Stretches<T>(Timeline<T> timeline, Func<T, bool> holds)
    {
        var found = new List<Stretch>();
        foreach (var (i, step) in timeline.Steps.Index().Where(s => holds(s.Item.Value)))
        {
            var until = i + 1 < timeline.Steps.Count ? timeline.Steps[i + 1].From : DateTimeOffset.MaxValue;
            if (found is [.., var last] && last.Until == step.From)
            {
                found[^1] = last with { Until = until };
            }
            else
            {
                found.Add(new Stretch(step.From, until));
            }
        }

        return found;
    }
}

/// <summary>A service under a convention.</summary>
/// <param name="Service">The service.</param>
/// <param name="Open">When it is open.</param>
/// <param name="Enrolment">The bulletin d'adhésion at the moment; null for none.</param>
public sealed record ServiceLife(ServiceCode Service, IReadOnlyList<Stretch> Open, EnrolmentSigned? Enrolment);

/// <summary>Somebody's time as a gestionnaire.</summary>
/// <param name="Agent">Who.</param>
/// <param name="Rank">As last designated.</param>
/// <param name="Held">When.</param>
public sealed record OfficeHeld(AgentId Agent, GestionnaireRank Rank, IReadOnlyList<Stretch> Held);
