using Ledger.Domain.ReadModels;
using Npgsql;
using NpgsqlTypes;

namespace Ledger.Store.ReadModels;

/// <summary>
/// The changes that facts make to the rows of a table of rights. New knowledge closes the known time of the rows that
/// it changes and adds new ones; nothing else is ever updated.
/// </summary>
internal sealed class RightRows(RightTable table)
{
    private const string Columns =
        "purposes, communes, dossiers, because, valid_from, valid_until, known_from, known_until";

    private readonly Dictionary<string, List<Row>> _added = [];
    private readonly List<(RightKey Key, RightRow Right, long At)> _closed = [];

    /// <summary>What a fact at a position changes.</summary>
    /// <param name="position">The position.</param>
    /// <param name="key">What the rows belong to.</param>
    /// <param name="had">The rows before the fact.</param>
    /// <param name="wanted">The rows once it is known.</param>
    public void Change(long position, RightKey key, IReadOnlyList<RightRow> had, IReadOnlyList<RightRow> wanted)
    {
        var (gone, added) = RightRow.Change(had, wanted);
        foreach (var right in gone)
        {
            if (Open(key, right) is { } fresh)
            {
                fresh.Until = position;
            }
            else
            {
                _closed.Add((key, right, position));
            }
        }

        if (added.Count == 0)
        {
            return;
        }

        if (!_added.TryGetValue(key.Id, out var rows))
        {
            _added[key.Id] = rows = [];
        }

        rows.AddRange(added.Select(right => new Row(key, right, position)));
    }

    /// <summary>Adds what writes it: one statement for the rows that are closed, one for the new ones.</summary>
    public void AddTo(NpgsqlBatch batch, string schema)
    {
        if (_closed.Count > 0)
        {
            batch.BatchCommands.Add(Close(schema));
        }

        if (_added.Count > 0)
        {
            batch.BatchCommands.Add(Insert(schema));
        }
    }

    private Row? Open(RightKey key, RightRow right) =>
        _added.TryGetValue(key.Id, out var rows) ? rows.Find(r => r.Until is null && r.Right.Equals(right)) : null;

    private NpgsqlBatchCommand Close(string schema)
    {
        var id = table.KeyColumns.Take(table.Identifying).ToList();
        var close = new NpgsqlBatchCommand(
            $"""
            update {schema}.{table.Name} r set known = int8range(lower(r.known), c.at)
            from unnest({Numbered(id.Count + 3)}) c ({string.Join(", ", id)}, valid_from, valid_until, at)
            where {string.Join(" and ", id.Select(c => $"r.{c} = c.{c}"))} and upper_inf(r.known)
              and r.valid = tstzrange(c.valid_from, c.valid_until)
            """
        );
        for (var i = 0; i < id.Count; i++)
        {
            var column = i;
            close.Parameters.Add(RowParameters.Texts(_closed, c => c.Key.Values[column]));
        }

        close.Parameters.Add(Instants(_closed, c => c.Right.From));
        close.Parameters.Add(Instants(_closed, c => c.Right.Until));
        close.Parameters.Add(RowParameters.Of(_closed, c => c.At));
        return close;
    }

    // Lists go as texts: identifiers have no space.
    private NpgsqlBatchCommand Insert(string schema)
    {
        var rows = _added.Values.SelectMany(r => r).ToList();
        var key = table.KeyColumns;
        var insert = new NpgsqlBatchCommand(
            $"""
            insert into {schema}.{table.Name}
                (purposes, communes, dossiers, valid, known, because, {string.Join(", ", key)})
            select string_to_array(r.purposes, ' '), string_to_array(r.communes, ' '), string_to_array(r.dossiers, ' '),
                   tstzrange(r.valid_from, r.valid_until), int8range(r.known_from, r.known_until),
                   string_to_array(r.because, ' ')::bigint[], {string.Join(", ", key.Select(c => $"r.{c}"))}
            from unnest({Numbered(key.Count + 8)}) r ({Columns}, {string.Join(", ", key)})
            """
        );
        insert.Parameters.Add(RowParameters.Texts(rows, r => string.Join(' ', r.Right.Purposes)));
        insert.Parameters.Add(RowParameters.Texts(rows, r => List(r.Right.Communes)));
        insert.Parameters.Add(RowParameters.Texts(rows, r => List(r.Right.Dossiers)));
        insert.Parameters.Add(RowParameters.Texts(rows, r => string.Join(' ', r.Right.Because)));
        insert.Parameters.Add(Instants(rows, r => r.Right.From));
        insert.Parameters.Add(Instants(rows, r => r.Right.Until));
        insert.Parameters.Add(RowParameters.Of(rows, r => r.From));
        insert.Parameters.Add(RowParameters.Positions(rows, r => r.Until));
        for (var i = 0; i < key.Count; i++)
        {
            var column = i;
            insert.Parameters.Add(RowParameters.Texts(rows, r => r.Key.Values[column]));
        }

        return insert;
    }

    private static string Numbered(int count) => string.Join(", ", Enumerable.Range(1, count).Select(i => $"${i}"));

    // A list without members stays one: it is told from no list.
    private static string? List(IReadOnlyList<string>? texts) => texts is null ? null : string.Join(' ', texts);

    private static NpgsqlParameter Instants<T>(IEnumerable<T> rows, Func<T, DateTimeOffset> column) =>
        new()
        {
            Value = rows.Select(column).Select(Bound).ToArray(),
            NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz,
        };

    private static DateTime? Bound(DateTimeOffset instant) =>
        instant == DateTimeOffset.MinValue || instant == DateTimeOffset.MaxValue ? null : instant.UtcDateTime;

    // A new row, and its known time.
    private sealed class Row(RightKey key, RightRow right, long from)
    {
        public RightKey Key { get; } = key;

        public RightRow Right { get; } = right;

        public long From { get; } = from;

        public long? Until { get; set; }
    }
}
