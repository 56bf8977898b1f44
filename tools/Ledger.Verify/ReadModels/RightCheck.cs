using System.Globalization;
using System.Text.Json;
using Ledger.Domain.ReadModels;
using Npgsql;
using NpgsqlTypes;

namespace Ledger.Verify.ReadModels;

/// <summary>Makes the rows of a table of rights from facts, and says how the stored ones differ.</summary>
internal sealed class RightCheck(RightTable table)
{
    private const string RightColumns = "purposes, communes, dossiers, valid, known, because";

    private readonly string[] _columns = [.. table.KeyColumns, .. RightColumns.Split(", ")];
    private readonly Dictionary<string, (RightKey Key, List<(long Since, RightRow Right)> Rows)> _open = [];
    private readonly List<Row> _rows = [];

    /// <summary>The query of the stored rows.</summary>
    public string Query { get; } =
        $"select {string.Join(", ", table.KeyColumns)}, {RightColumns} from ledger.{table.Name}";

    /// <summary>Learns what a fact did to the rows of one key.</summary>
    /// <param name="position">The fact's position.</param>
    /// <param name="key">The key.</param>
    /// <param name="wanted">The rows once the fact is known.</param>
    public void Learn(long position, RightKey key, IReadOnlyCollection<RightRow> wanted)
    {
        if (!_open.TryGetValue(key.Id, out var had))
        {
            _open[key.Id] = had = (key, []);
        }

        var (gone, added) = RightRow.Change(had.Rows.ConvertAll(o => o.Right), wanted);
        _rows.AddRange(had.Rows.Where(o => gone.Contains(o.Right)).Select(o => Make(key, o.Right, o.Since, position)));
        had.Rows.RemoveAll(o => gone.Contains(o.Right));
        had.Rows.AddRange(added.Select(right => (position, right)));
    }

    /// <summary>A stored row.</summary>
    public Row Read(NpgsqlDataReader reader)
    {
        var first = table.KeyColumns.Count;
        return new Row(
            [.. Enumerable.Range(0, first).Select(reader.GetString)],
            [
                List(reader, first),
                List(reader, first + 1),
                List(reader, first + 2),
                Text(reader.GetFieldValue<NpgsqlRange<DateTime>>(first + 3)),
                Text(reader.GetFieldValue<NpgsqlRange<long>>(first + 4)),
                string.Join(' ', reader.GetFieldValue<long[]>(first + 5)),
            ]
        );
    }

    /// <summary>How the stored rows differ from those that the facts give.</summary>
    public IEnumerable<Finding> Compare(IReadOnlyCollection<Row> stored)
    {
        foreach (var (key, rows) in _open.Values)
        {
            _rows.AddRange(rows.Select(o => Make(key, o.Right, o.Since, null)));
        }

        var (missing, extra) = (Without(_rows, stored), Without(stored, _rows));
        foreach (var row in missing)
        {
            // The row with the fewest differences, if one is left over, is what became of this one.
            var changed = extra.Where(e => e.Id == row.Id).MinBy(e => Differing(row, e).Count());
            if (changed is null)
            {
                yield return new Finding(
                    FindingKind.Deleted,
                    null,
                    table.Name,
                    $"A right of '{row.Id}' is gone: {row}."
                );
                continue;
            }

            extra.Remove(changed);
            foreach (var column in Differing(row, changed))
            {
                yield return new Finding(
                    FindingKind.Modified,
                    null,
                    $"{table.Name}.{_columns[column]}",
                    $"A right of '{row.Id}' says {changed.Values[column]}; the events give {row.Values[column]}."
                );
            }
        }

        foreach (var row in extra)
        {
            yield return new Finding(
                FindingKind.Inserted,
                null,
                table.Name,
                $"No event gives this right of '{row.Id}': {row}."
            );
        }
    }

    private static Row Make(RightKey key, RightRow right, long since, long? until) =>
        new(
            [.. key.Values],
            [
                List(right.Purposes),
                List(right.Communes),
                List(right.Dossiers),
                $"{Text(right.From)}/{Text(right.Until)}",
                $"{since}/{until}",
                string.Join(' ', right.Because),
            ]
        );

    private static List<Row> Without(IEnumerable<Row> rows, IEnumerable<Row> others)
    {
        var counts = others.CountBy(r => r.Content).ToDictionary();
        return
        [
            .. rows.Where(r =>
                !counts.TryGetValue(r.Content, out var left) || left == 0 || (counts[r.Content] = left - 1) < 0
            ),
        ];
    }

    private IEnumerable<int> Differing(Row one, Row other) =>
        Enumerable.Range(0, _columns.Length).Where(i => one.Values[i] != other.Values[i]);

    private static string List(NpgsqlDataReader reader, int column) =>
        List(reader.IsDBNull(column) ? null : reader.GetFieldValue<string[]>(column));

    private static string List(IEnumerable<string>? texts) => texts is null ? "any" : JsonSerializer.Serialize(texts);

    private static string Text(NpgsqlRange<DateTime> range) =>
        range.IsEmpty
            ? "empty"
            : Text(range.LowerBoundInfinite ? DateTimeOffset.MinValue : range.LowerBound)
                + "/"
                + Text(range.UpperBoundInfinite ? DateTimeOffset.MaxValue : range.UpperBound)
                + (
                    range.LowerBoundIsInclusive || range.LowerBoundInfinite
                        ? string.Empty
                        : " without its first instant"
                )
                + (range.UpperBoundIsInclusive ? " with its last instant" : string.Empty);

    private static string Text(NpgsqlRange<long> range) =>
        range.IsEmpty
            ? "empty"
            : (range.LowerBoundInfinite ? "" : $"{range.LowerBound}")
                + "/"
                + (range.UpperBoundInfinite ? "" : $"{range.UpperBound}");

    private static string Text(DateTimeOffset instant) =>
        instant == DateTimeOffset.MinValue || instant == DateTimeOffset.MaxValue
            ? string.Empty
            : instant.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);

    /// <summary>A row as texts: whose right it is, and what it says.</summary>
    internal sealed class Row(string[] key, string[] right)
    {
        public IReadOnlyList<string> Values { get; } = [.. key, .. right];

        /// <summary>The first column, which says whose right it is well enough for a person.</summary>
        public string Id { get; } = key[0];

        public string Content { get; } = string.Join('\n', [.. key, .. right]);

        public override string ToString() => $"valid {right[3]}, known {right[4]}";
    }
}
