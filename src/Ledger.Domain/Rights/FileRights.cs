using Ledger.Domain.Common;
using Ledger.Domain.Dossiers;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Knowing;

namespace Ledger.Domain.Rights;

/// <summary>What a right gave on one person's file over one half-open interval of valid time.</summary>
/// <param name="From">Inclusive; <see cref="DateTimeOffset.MinValue"/> for always.</param>
/// <param name="Until">Exclusive; <see cref="DateTimeOffset.MaxValue"/> for ever.</param>
/// <param name="Missing">What stood in the way; nothing where it gave access.</param>
/// <param name="Purposes">The purposes that it allowed.</param>
/// <param name="Because">The positions of the events that justify it, in order.</param>
public sealed record FileSegment(
    DateTimeOffset From,
    DateTimeOffset Until,
    IReadOnlyList<Reason> Missing,
    IReadOnlyList<Purpose> Purposes,
    IReadOnlyList<long> Because
)
{
    /// <summary>Whether it gave access.</summary>
    public bool Gave => Missing.Count == 0;
}

/// <summary>A right on one person's file over all of time: <see cref="Access.At"/> at every instant.</summary>
public static class FileRights
{
    /// <summary>The segments, one after another, of which no two neighbours say the same.</summary>
    /// <param name="habilitation">The right.</param>
    /// <param name="person">Whose file.</param>
    /// <param name="known">With what is known.</param>
    public static IReadOnlyList<FileSegment> Of(Habilitation habilitation, Person person, Knowledge known)
    {
        var instants = known
            .RightsOf(habilitation)
            .Select(s => s.From)
            .Concat(person.Changes)
            .Append(DateTimeOffset.MinValue)
            .Distinct()
            .Order()
            .ToList();
        var segments = new List<FileSegment>();
        foreach (var (i, from) in instants.Index())
        {
            var until = i + 1 < instants.Count ? instants[i + 1] : DateTimeOffset.MaxValue;
            var then = Access.At(habilitation, person, from, known);
            var segment = new FileSegment(from, until, MissingIn(then), then.Right.Purposes, then.Because);
            if (segments is [.., var last] && SayTheSame(last, segment))
            {
                segments[^1] = last with { Until = until };
            }
            else
            {
                segments.Add(segment);
            }
        }

        return segments;
    }

    private static IReadOnlyList<Reason> MissingIn(AccessThen then) =>
        then.Covers == true ? then.Right.Missing : [.. then.Right.Missing, Reason.OutsidePerimeter];

    /// <summary>Whether two neighbours say the same.</summary>
    public static bool SayTheSame(FileSegment one, FileSegment other) =>
        one.Missing.SequenceEqual(other.Missing)
        && one.Purposes.SequenceEqual(other.Purposes)
        && one.Because.SequenceEqual(other.Because);
}
