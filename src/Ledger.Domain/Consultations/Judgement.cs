using Ledger.Domain.Common;
using Ledger.Domain.Habilitations;
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
public sealed record Use(
    CafCode Caf, Siret Siret, AgentId Agent, HabilitationId? Claimed, ServiceCode Service, ProfilCode Profil, Purpose Purpose, DateTimeOffset At)
{
    /// <summary>The use that a recorded consultation was.</summary>
    public static Use Of(ConsultationRecorded c) => new(c.Caf, c.Siret, c.Agent, c.Claimed, c.Service, c.Profil, c.Purpose, c.OccurredAt);
}

/// <summary>Judges a use by what is known. Its rights come from <see cref="RightTimeline"/> and from nowhere else.</summary>
public static class Judgement
{
    /// <summary>The verdict. A claimed habilitation is judged alone; without one, the agent's best serves.</summary>
    public static Verdict Of(Use use, Knowledge known) => Of(use, known, RightTimeline.Of);

    /// <summary>The same, with rights that the caller has computed once and kept.</summary>
    public static Verdict Of(
        Use use, Knowledge known, Func<Partenariats.Partenariat, Habilitation, IReadOnlyList<RightSegment>> rights)
    {
        if (use.Claimed is not { } claimed)
        {
            var ofAgent = known.Of(use.Siret, use.Agent);
            return ofAgent.Count == 0
                ? Without(Reason.NoHabilitation, known)
                : ofAgent.Select(h => One(use, h, known, rights)).OrderBy(v => v.Reasons.Count).ThenByDescending(v => v.Because[^1]).First();
        }

        if (!known.TryFind(claimed, out var habilitation))
        {
            return Without(Reason.HabilitationUnknown, known);
        }

        return One(use, habilitation, known, rights);
    }

    private static Verdict Without(Reason reason, Knowledge known) => new(false, [reason], null, [], known.Position);

    private static Verdict One(
        Use use, Habilitation habilitation, Knowledge known,
        Func<Partenariats.Partenariat, Habilitation, IReadOnlyList<RightSegment>> rights)
    {
        var granted = habilitation.Granted;
        var partenariat = known.Require(granted.Convention);
        var segment = rights(partenariat, habilitation).Last(s => s.From <= use.At);
        var reasons = new SortedSet<Reason>(segment.Missing);
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

        if (!granted.Perimeter.Covers(partenariat.Convention.Caf, use.Caf))
        {
            reasons.Add(Reason.OutsidePerimeter);
        }

        return new Verdict(reasons.Count == 0, [.. reasons], granted.Event.Habilitation, segment.Because, known.Position);
    }
}
