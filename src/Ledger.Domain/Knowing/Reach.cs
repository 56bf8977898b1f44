using Ledger.Domain.Common;
using Ledger.Domain.Habilitations;

namespace Ledger.Domain.Knowing;

/// <summary>What the rights under a convention have in common: those to one service in one profile.</summary>
/// <param name="Convention">The convention.</param>
/// <param name="Service">The service.</param>
/// <param name="Profil">The profile.</param>
public readonly record struct CommonKey(ConventionId Convention, ServiceCode Service, ProfilCode Profil);

/// <summary>Which rights a fact may change.</summary>
/// <param name="Habilitations">Those whose own conditions it may change.</param>
/// <param name="Common">What rights have in common that it may change.</param>
public sealed record Reach(IReadOnlyList<Habilitation> Habilitations, IReadOnlyList<CommonKey> Common)
{
    /// <summary>No right.</summary>
    public static Reach None { get; } = new([], []);

    /// <summary>Whether it may change nothing.</summary>
    public bool IsNone => Habilitations.Count == 0 && Common.Count == 0;

    /// <summary>The own conditions of these habilitations.</summary>
    public static Reach Of(IEnumerable<Habilitation> habilitations) => new([.. habilitations], []);

    /// <summary>What rights have in common.</summary>
    public static Reach OfAll(IEnumerable<CommonKey> common) => new([], [.. common]);
}

/// <summary>What a fact leads to.</summary>
/// <param name="Known">What is known once it is.</param>
/// <param name="Reach">Which rights it may have changed.</param>
public readonly record struct Learnt(Knowledge Known, Reach Reach);
