using Ledger.Domain.Common;
using Ledger.Domain.Dossiers;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Knowing;
using Ledger.Domain.Partenariats;
using Ledger.Domain.Rights;

namespace Ledger.Domain.Consultations;

/// <summary>A use of a right: what a verdict is asked on.</summary>
/// <param name="Caf">Whose file.</param>
/// <param name="Siret">At which partner.</param>
/// <param name="Agent">Which human.</param>
/// <param name="Claimed">The habilitation used, if the portal says.</param>
/// <param name="Service">Through which service.</param>
/// <param name="Profil">In which profile.</param>
/// <param name="Purpose">For what.</param>
/// <param name="At">When.</param>
/// <param name="Programme">The programme that used the human's credentials, if one did.</param>
/// <param name="Dossier">The file under the key of dossiers; null once the key of the month is destroyed.</param>
public sealed record Use(
    CafCode Caf,
    Siret Siret,
    AgentId Agent,
    HabilitationId? Claimed,
    ServiceCode Service,
    ProfilCode Profil,
    Purpose Purpose,
    DateTimeOffset At,
    AgentId? Programme = null,
    string? Dossier = null
)
{
    /// <summary>The use that a recorded consultation was.</summary>
    /// <param name="c">The consultation.</param>
    /// <param name="dossier">The file under the key of dossiers, for whoever has the key of the month.</param>
    public static Use Of(ConsultationRecorded c, string? dossier) =>
        new(c.Caf, c.Siret, c.Agent, c.Claimed, c.Service, c.Profil, c.Purpose, c.OccurredAt, c.Programme, dossier);
}

/// <summary>
/// Judges a use by what is known. Its rights come from <see cref="RightTimeline"/> and from nowhere else.
/// </summary>
public static class Judgement
{
    private static readonly Reason[] OfPurpose =
    [
        Reason.PurposeNotGranted,
        Reason.PurposeNotEnrolled,
        Reason.PurposeOutsideMissions,
    ];

    /// <summary>
    /// The verdict. A claimed habilitation is judged alone; without one, the agent's best serves: that with the fewest
    /// reasons, and of those the one granted last.
    /// </summary>
    public static Verdict Of(Use use, Knowledge known)
    {
        var (candidates, person) = (Candidates(use, known), PersonOf(use, known));
        return candidates.Count == 0
            ? None(use, known)
            : candidates
                .Select(h => (Habilitation: h, Verdict: One(use, person, h, known)))
                .OrderBy(c => c.Verdict.Reasons.Count)
                .ThenByDescending(c => c.Habilitation.Granted.At)
                .ThenByDescending(c => c.Habilitation.Granted.Position)
                .First()
                .Verdict;
    }

    private static IReadOnlyList<Habilitation> Candidates(Use use, Knowledge known)
    {
        if (use.Claimed is not { } claimed)
        {
            return known.Of(use.Siret, use.Agent);
        }

        return known.TryFind(claimed, out var habilitation) ? [habilitation] : [];
    }

    private static Verdict None(Use use, Knowledge known)
    {
        var reasons = new SortedSet<Reason>
        {
            use.Claimed is null ? Reason.NoHabilitation : Reason.HabilitationUnknown,
        };
        List<long> because = [.. Catalogued(use, known, reasons)];
        return new Verdict([.. reasons], null, because, known.Position);
    }

    // What was shown must be in the catalogue at that moment, whatever was granted.
    private static IEnumerable<long> Catalogued(Use use, Knowledge known, SortedSet<Reason> reasons)
    {
        var (catalogue, because) = known.CatalogueStepAt(use.At);
        if (catalogue.Has(use.Service, use.Profil))
        {
            return [];
        }

        reasons.Add(Reason.ProfilNotInCatalogue);
        return because is { } position ? [position] : [];
    }

    private static Verdict One(Use use, Person? person, Habilitation habilitation, Knowledge known)
    {
        var granted = habilitation.Granted;
        var partenariat = known.Require(granted.Convention);
        var then = Access.At(habilitation, person, use.At, known);
        var (reasons, because) = (new SortedSet<Reason>(then.Right.Missing), then.Because);
        if (granted.Agent != use.Agent || partenariat.Convention.Siret != use.Siret)
        {
            reasons.Add(Reason.HabilitationOfAnotherAgent);
        }

        if (granted.Service != use.Service || granted.Profil != use.Profil)
        {
            reasons.Add(Reason.ProfilNotGranted);
        }

        because = With(because, Catalogued(use, known, reasons));
        reasons.ExceptWith(OfPurpose);
        if (!then.Right.Purposes.Contains(use.Purpose))
        {
            reasons.UnionWith(AgainstPurpose(use, habilitation, partenariat));
        }

        if (
            (then.Covers ?? CoversAny(use, then.Right.Cover, partenariat.Convention.Caf, known))
            is not true
                and var covers
        )
        {
            reasons.Add(covers is null ? Reason.FileForgotten : Reason.OutsidePerimeter);
        }

        if (use.Programme is { } programme)
        {
            var declared = partenariat.Automaton(programme, use.Agent).At(use.At);
            because = With(because, declared.Because is { } said ? [said] : []);
            if (!declared.Value)
            {
                reasons.Add(Reason.AutomatonUndeclared);
            }
        }

        if (reasons.Count > 1)
        {
            reasons.Remove(Reason.FileForgotten);
        }

        return new Verdict([.. reasons], granted.Event.Habilitation, because, known.Position);
    }

    private static Person? PersonOf(Use use, Knowledge known) =>
        use.Dossier is { } dossier ? known.Dossiers.PersonOf(new DossierIdentity(dossier, use.Caf), use.At) : null;

    // Which file it was need not be told where nobody ever came to its Caf or left it, and all files of a Caf, or none,
    // are covered.
    private static bool? CoversAny(Use use, Cover cover, CafCode caf, Knowledge known) =>
        known.Dossiers.HasMutations(use.Caf) ? null
        : caf != use.Caf ? false
        : cover.IsWhole ? true
        : null;

    private static IEnumerable<Reason> AgainstPurpose(Use use, Habilitation habilitation, Partenariat partenariat)
    {
        if (!RightTimeline.At(habilitation.OwnRights(partenariat), use.At).Purposes.Contains(use.Purpose))
        {
            yield return Reason.PurposeNotGranted;
        }

        var common = partenariat.CommonRights(habilitation.Granted.Service, habilitation.Granted.Profil);
        foreach (var reason in RightTimeline.At(common, use.At).Limits?.Against(use.Purpose) ?? [])
        {
            yield return reason;
        }
    }

    private static IReadOnlyList<long> With(IReadOnlyList<long> because, IEnumerable<long> positions) =>
        positions.Except(because).ToList() is { Count: > 0 } more ? [.. because.Concat(more).Order()] : because;
}
