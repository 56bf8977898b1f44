using Ledger.Domain.Common;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Knowing;
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
/// <param name="Dossier">The file under the key of dossiers: what a right that covers some files is judged by.</param>
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
    public static Use Of(ConsultationRecorded c) =>
        new(c.Caf, c.Siret, c.Agent, c.Claimed, c.Service, c.Profil, c.Purpose, c.OccurredAt, c.Programme, c.Dossier);
}

/// <summary>
/// Judges a use by what is known. Its rights come from <see cref="RightTimeline"/> and from nowhere else.
/// </summary>
public static class Judgement
{
    /// <summary>The verdict. A claimed habilitation is judged alone; without one, the agent's best serves.</summary>
    public static Verdict Of(Use use, Knowledge known)
    {
        var candidates = Candidates(use, known);
        return candidates.Count == 0
            ? new Verdict(
                false,
                [use.Claimed is null ? Reason.NoHabilitation : Reason.HabilitationUnknown],
                null,
                [],
                known.Position
            )
            : candidates
                .Select(h => One(use, h, known))
                .OrderBy(v => v.Reasons.Count)
                .ThenByDescending(v => v.Because[^1])
                .First();
    }

    /// <summary>Whether a right in question covers some files only, so that the file itself has to be told.</summary>
    public static bool NeedsDossier(Use use, Knowledge known) =>
        Candidates(use, known).Any(h => known.RightsOf(h).Any(segment => !segment.Cover.IsWhole));

    private static IReadOnlyList<Habilitation> Candidates(Use use, Knowledge known)
    {
        if (use.Claimed is not { } claimed)
        {
            return known.Of(use.Siret, use.Agent);
        }

        return known.TryFind(claimed, out var habilitation) ? [habilitation] : [];
    }

    private static Verdict One(Use use, Habilitation habilitation, Knowledge known)
    {
        var granted = habilitation.Granted;
        var partenariat = known.Require(granted.Convention);
        var segment = RightTimeline.At(known.RightsOf(habilitation), use.At);
        var (reasons, because) = (new SortedSet<Reason>(segment.Missing), segment.Because);
        if (granted.Agent != use.Agent || partenariat.Convention.Siret != use.Siret)
        {
            reasons.Add(Reason.HabilitationOfAnotherAgent);
        }

        if (granted.Service != use.Service || granted.Profil != use.Profil)
        {
            reasons.Add(Reason.ProfilNotGranted);
        }

        if (!segment.Purposes.Contains(use.Purpose))
        {
            reasons.Add(Reason.PurposeNotGranted);
        }

        if (partenariat.Convention.Caf != use.Caf)
        {
            reasons.Add(Reason.OutsidePerimeter);
        }
        else if (!segment.Cover.IsWhole)
        {
            var commune = use.Dossier is { } dossier ? known.Dossiers.Commune(dossier).At(use.At) : default;
            because = With(because, commune.Because);
            if (!segment.Cover.Covers(commune.Value, use.Dossier))
            {
                reasons.Add(Reason.OutsidePerimeter);
            }
        }

        if (use.Programme is { } programme)
        {
            var declared = partenariat.Automaton(programme, use.Agent).At(use.At);
            because = With(because, declared.Because);
            if (!declared.Value)
            {
                reasons.Add(Reason.AutomatonUndeclared);
            }
        }

        return new Verdict(reasons.Count == 0, [.. reasons], granted.Event.Habilitation, because, known.Position);
    }

    private static IReadOnlyList<long> With(IReadOnlyList<long> because, long? position) =>
        position is { } p && !because.Contains(p) ? [.. because.Append(p).Order()] : because;
}
