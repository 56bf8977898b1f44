using Ledger.Domain.Consultations;
using Ledger.Domain.Dossiers;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Knowing;

namespace Ledger.Tests;

/// <summary>
/// Who could, told by who did: a right gave access to a file for the purposes for which a consultation under it would
/// have been authorised.
/// </summary>
internal static class Claimed
{
    private static readonly TimeSpan Tick = TimeSpan.FromMicroseconds(1);

    /// <summary>The purposes for which consultations of a file under a right are authorised at an instant.</summary>
    public static string Purposes(Knowledge known, Habilitation habilitation, DossierIdentity file, DateTimeOffset at)
    {
        var granted = habilitation.Granted;
        var modified = habilitation.Facts.Select(f => f.Event).OfType<HabilitationModified>();
        return string.Join(
            ' ',
            granted
                .Purposes.Concat(modified.SelectMany(m => m.Purposes ?? []))
                .Distinct()
                .Where(purpose =>
                    Judgement
                        .Of(
                            new Use(
                                file.Caf,
                                known.SiretOf(habilitation),
                                granted.Agent,
                                granted.Event.Habilitation,
                                granted.Service,
                                granted.Profil,
                                purpose,
                                at,
                                null,
                                file.Pseudonym
                            ),
                            known
                        )
                        .Authorised
                )
                .Select(p => p.Value)
                .Order(StringComparer.Ordinal)
        );
    }

    /// <summary>The rights that gave access at an instant, each with its purposes, in order.</summary>
    public static List<string> WhoCould(Knowledge known, DossierIdentity file, DateTimeOffset at) =>
        [
            .. known
                .Habilitations.Select(h => (Id: h.Granted.Event.Habilitation, Purposes: Purposes(known, h, file, at)))
                .Where(r => r.Purposes.Length > 0)
                .Select(r => $"{r.Id} {r.Purposes}")
                .Order(StringComparer.Ordinal),
        ];

    /// <summary>
    /// What is wrong with the stretch that an answer gives a person around an instant; null for nothing. At both of its
    /// edges the purposes change, and nowhere in it at the instants given. She is asked for by the number that she has
    /// at each: one that she left may be another's since.
    /// </summary>
    public static string? WrongStretch(
        Knowledge known,
        Habilitation habilitation,
        Person person,
        (DateTimeOffset From, DateTimeOffset Until) stretch,
        string purposes,
        IEnumerable<DateTimeOffset> instants
    )
    {
        bool Same(DateTimeOffset at) => Purposes(known, habilitation, NumberAt(at), at) == purposes;
        DossierIdentity NumberAt(DateTimeOffset at) => person.Stays.Last(s => s.From <= at).Identity;
        var (from, until) = stretch;
        return !instants.Where(i => from <= i && i < until).All(Same) ? "has another purpose inside"
            : from > DateTimeOffset.MinValue && (!Same(from) || Same(from - Tick)) ? $"does not begin at {from:O}"
            : until < DateTimeOffset.MaxValue && (Same(until) || !Same(until - Tick)) ? $"does not end at {until:O}"
            : null;
    }
}
