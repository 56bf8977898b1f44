using System.Text.Json.Serialization;

namespace Ledger.Verify;

/// <summary>What was done to the log.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FindingKind>))]
public enum FindingKind
{
    /// <summary>A column of an event or of its leaf was changed.</summary>
    Modified,

    /// <summary>An event, its leaf, or both are gone.</summary>
    Deleted,

    /// <summary>A row stands there that the log never took.</summary>
    Inserted,

    /// <summary>Events stand in each other's place.</summary>
    Reordered,

    /// <summary>The end of what was signed is gone.</summary>
    Truncated,

    /// <summary>The log agrees with itself, but not with what was signed or remembered.</summary>
    Forked,

    /// <summary>Entries say a time that a timestamp belies.</summary>
    BackDated,

    /// <summary>A cosignature or a timestamp that is demanded is not there.</summary>
    Unwitnessed,

    /// <summary>A key was destroyed before its time, or while a legal hold stood.</summary>
    Premature,
}

/// <summary>One thing that is wrong with the log.</summary>
/// <param name="Kind">What was done.</param>
/// <param name="Position">Where; null when it is not about one position.</param>
/// <param name="Column">Which column, when it can be told.</param>
/// <param name="Message">A plain sentence.</param>
public sealed record Finding(FindingKind Kind, long? Position, string? Column, string Message);

/// <summary>What a verification came to.</summary>
/// <param name="Origin">Which ledger.</param>
/// <param name="Entries">How many entries were read.</param>
/// <param name="Covered">How many of them the latest checkpoint covers.</param>
/// <param name="Witnessed">
/// How many of them a checkpoint covers that has the cosignatures demanded; null when none are.
/// </param>
/// <param name="Remembered">The size of the checkpoint remembered from before; null at the first time.</param>
/// <param name="Findings">What is wrong, by position.</param>
/// <param name="Checkpoint">The latest checkpoint, to be remembered when nothing is wrong.</param>
public sealed record Verification(
    string Origin,
    long Entries,
    long Covered,
    long? Witnessed,
    long? Remembered,
    IReadOnlyList<Finding> Findings,
    [property: JsonIgnore] string? Checkpoint
)
{
    /// <summary>Whether nothing is wrong.</summary>
    public bool IsWhole => Findings.Count == 0;

    /// <summary>How many of the entries an earlier scan read: this one took them from its file.</summary>
    public long FromMemory { get; init; }

    /// <summary>How many findings there are besides those that are told.</summary>
    public long Omitted { get; init; }

    /// <summary>Where the ledger went on from a restored copy: what had been signed beyond is not in it.</summary>
    public IReadOnlyList<long> Restored { get; init; } = [];

    /// <summary>The key that signs now, where another than the pinned one does.</summary>
    public string? Followed { get; init; }

    /// <summary>Whether it was checked that keys were destroyed in their time and under no hold of everything.</summary>
    public bool EndsChecked { get; init; }

    /// <summary>Of how many entries the contents were read too, where they were given.</summary>
    public long? ContentsRead { get; init; }

    /// <summary>The same, with what was found in the contents.</summary>
    internal Verification With(FindingList contents) =>
        this with
        {
            Findings = [.. Findings, .. contents],
            Omitted = Omitted + contents.Omitted,
            ContentsRead = Entries,
        };

    /// <summary>What was done away with, as the log says.</summary>
    public IReadOnlyList<LawfulEnd> Ended { get; init; } = [];
}

/// <summary>The log cannot be verified, for a reason that is not tampering: the message says which.</summary>
public sealed class CannotVerifyException(string message) : Exception(message);
