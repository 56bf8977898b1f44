using Ledger.Domain.Rights;

namespace Ledger.Domain.ReadModels;

/// <summary>
/// One stretch of valid time in which a convention, or a habilitation, gives what a right needs of it: a row of
/// <c>partner_right</c> or <c>habilitation_right</c>, but for its known time.
/// </summary>
/// <param name="From">Its first instant; <see cref="DateTimeOffset.MinValue"/> for ever before.</param>
/// <param name="Until">The first instant after it; <see cref="DateTimeOffset.MaxValue"/> for no end.</param>
/// <param name="Purposes">The purposes that it allows.</param>
/// <param name="Communes">The communes that it is limited to; null for no such limit.</param>
/// <param name="Dossiers">The files that it is limited to; null for no such limit.</param>
/// <param name="Because">The positions that justify it.</param>
public sealed record RightRow(
    DateTimeOffset From,
    DateTimeOffset Until,
    IReadOnlyList<string> Purposes,
    IReadOnlyList<string>? Communes,
    IReadOnlyList<string>? Dossiers,
    IReadOnlyList<long> Because
)
{
    /// <summary>The rows of a right over time: its effective segments.</summary>
    public static IEnumerable<RightRow> Of(IEnumerable<RightSegment> segments) =>
        segments
            .Where(s => s.IsEffective)
            .Select(s => new RightRow(
                s.From,
                s.Until,
                [.. s.Purposes.Select(p => p.Value)],
                s.Cover.Communes?.ToArray(),
                s.Cover.Dossiers?.ToArray(),
                [.. s.Because]
            ));

    /// <summary>What new knowledge does to rows: some are no longer thought, some are thought from now on.</summary>
    public static (IReadOnlyList<RightRow> Gone, IReadOnlyList<RightRow> Added) Change(
        IReadOnlyCollection<RightRow> had,
        IReadOnlyCollection<RightRow> wanted
    ) => ([.. had.Except(wanted)], [.. wanted.Except(had)]);

    /// <summary>Whether two rows say the same, lists included.</summary>
    public bool Equals(RightRow? other) =>
        other is not null
        && From == other.From
        && Until == other.Until
        && Purposes.SequenceEqual(other.Purposes)
        && Because.SequenceEqual(other.Because)
        && Same(Communes, other.Communes)
        && Same(Dossiers, other.Dossiers);

    /// <inheritdoc/>
    public override int GetHashCode() =>
        HashCode.Combine(From, Until, Because.Count, Because.Count > 0 ? Because[^1] : -1);

    private static bool Same(IReadOnlyList<string>? one, IReadOnlyList<string>? other) =>
        one is null ? other is null : other is not null && one.SequenceEqual(other);
}
