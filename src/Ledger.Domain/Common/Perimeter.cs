using System.Text.Json.Serialization;

namespace Ledger.Domain.Common;

/// <summary>Which files a right covers, always within the convention's Caf.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(WholeCaf), "whole-caf")]
[JsonDerivedType(typeof(Communes), "communes")]
[JsonDerivedType(typeof(Files), "files")]
public abstract record Perimeter
{
    /// <summary>Every file of the convention's Caf.</summary>
    public sealed record WholeCaf : Perimeter;

    /// <summary>The files attached to one of these communes.</summary>
    /// <param name="Codes">Their INSEE codes.</param>
    public sealed record Communes(IReadOnlyList<CommuneCode> Codes) : Perimeter;

    /// <summary>These files and no other.</summary>
    /// <param name="Dossiers">Their pseudonyms under the key of dossiers.</param>
    public sealed record Files(IReadOnlyList<string> Dossiers) : Perimeter;

    /// <summary>What this perimeter and another cover alike.</summary>
    public Cover And(Perimeter other) => Cover.Of(this).And(Cover.Of(other));
}

/// <summary>What several perimeters cover alike: a file is covered when each list that there is names it.</summary>
/// <param name="Communes">The communes, in order; null for any.</param>
/// <param name="Dossiers">The files, by pseudonym, in order; null for any.</param>
public sealed record Cover(IReadOnlyList<string>? Communes, IReadOnlyList<string>? Dossiers)
{
    /// <summary>Every file of the Caf.</summary>
    public static Cover Whole { get; } = new(null, null);

    /// <summary>Whether every file of the Caf is covered.</summary>
    public bool IsWhole => Communes is null && Dossiers is null;

    /// <summary>What one perimeter covers.</summary>
    public static Cover Of(Perimeter perimeter) =>
        perimeter switch
        {
            Perimeter.Communes p => new(
                [.. p.Codes.Select(c => c.Value).Distinct().Order(StringComparer.Ordinal)],
                null
            ),
            Perimeter.Files p => new(null, [.. p.Dossiers.Distinct().Order(StringComparer.Ordinal)]),
            _ => Whole,
        };

    /// <summary>What both cover.</summary>
    public Cover And(Cover other) =>
        IsWhole ? other
        : other.IsWhole ? this
        : new(Both(Communes, other.Communes), Both(Dossiers, other.Dossiers));

    /// <summary>Whether another covers all that this one does, as far as lists tell.</summary>
    public bool IsWithin(Cover other) => IsWithin(Communes, other.Communes) && IsWithin(Dossiers, other.Dossiers);

    internal bool SaysTheSameAs(Cover other) => Same(Communes, other.Communes) && Same(Dossiers, other.Dossiers);

    private static bool IsWithin(IReadOnlyList<string>? one, IReadOnlyList<string>? other) =>
        other is null || (one is not null && !one.Except(other).Any());

    private static IReadOnlyList<string>? Both(IReadOnlyList<string>? one, IReadOnlyList<string>? other) =>
        (one, other) switch
        {
            (null, _) => other,
            (_, null) => one,
            _ => [.. one.Intersect(other)],
        };

    private static bool Same(IReadOnlyList<string>? one, IReadOnlyList<string>? other) =>
        (one, other) switch
        {
            (null, null) => true,
            ({ }, { }) => one.SequenceEqual(other),
            _ => false,
        };
}
