using System.Text.Json;
using Ledger.Domain.Common;
using Ledger.Domain.Habilitations;
using Ledger.Domain.ReadModels;
using Npgsql;
using NpgsqlTypes;

namespace Ledger.Verify.ReadModels;

/// <summary>Makes the rows of <c>access_right</c> from facts, and says how the stored ones differ.</summary>
internal sealed class AccessRightTable
{
    public const string Query =
        "select holder, habilitation, convention, agent, siret, caf, service, profil, purposes, communes, "
        + "dossiers, valid, known, because from ledger.access_right";

    private static readonly string[] Columns =
    [
        "holder",
        "convention",
        "agent",
        "siret",
        "caf",
        "service",
        "profil",
        "purposes",
        "communes",
        "dossiers",
        "valid",
        "known",
        "because",
    ];

    private readonly Dictionary<string, List<(long Since, AccessRight Right)>> _open = [];
    private readonly List<Row> _rows = [];
    private readonly Dictionary<string, Func<AccessRight, long, long?, Row>> _makers = [];

    /// <summary>Learns what a fact did to these habilitations.</summary>
    public void Learn(long position, IEnumerable<Habilitation> affected, Knowledge known)
    {
        foreach (var habilitation in affected)
        {
            var id = habilitation.Granted.Event.Habilitation.Value;
            _makers[id] = Maker(habilitation, known);
            var had = _open.TryGetValue(id, out var open) ? open : _open[id] = [];
            var (gone, added) = AccessRight.Change(
                had.ConvertAll(o => o.Right),
                [.. AccessRight.Of(habilitation, known)]
            );
            foreach (var (since, right) in had.Where(o => gone.Contains(o.Right)))
            {
                _rows.Add(_makers[id](right, since, position));
            }

            had.RemoveAll(o => gone.Contains(o.Right));
            had.AddRange(added.Select(right => (position, right)));
        }
    }

    /// <summary>A stored row.</summary>
    public static Row Read(NpgsqlDataReader reader) =>
        new(
            reader.GetString(1),
            [
                reader.GetString(0),
                reader.GetString(2),
                reader.GetString(3),
                reader.GetString(4),
                reader.GetString(5),
                reader.GetString(6),
                reader.GetString(7),
                List(reader, 8),
                List(reader, 9),
                List(reader, 10),
                Text(reader.GetFieldValue<NpgsqlRange<DateTime>>(11)),
                Text(reader.GetFieldValue<NpgsqlRange<long>>(12)),
                string.Join(' ', reader.GetFieldValue<long[]>(13)),
            ]
        );

    /// <summary>How the stored rows differ from those that the facts give.</summary>
    public IEnumerable<Finding> Compare(IReadOnlyCollection<Row> stored)
    {
        foreach (var (id, open) in _open)
        {
            _rows.AddRange(open.Select(o => _makers[id](o.Right, o.Since, null)));
        }

        var (missing, extra) = (Without(_rows, stored), Without(stored, _rows));
        foreach (var row in missing)
        {
            // The row with the fewest differences, if one is left over, is what became of this one.
            var changed = extra.Where(e => e.Habilitation == row.Habilitation).MinBy(e => Differing(row, e).Count());
            if (changed is null)
            {
                yield return new Finding(
                    FindingKind.Deleted,
                    null,
                    "access_right",
                    $"A right of the habilitation '{row.Habilitation}' is gone: {row}."
                );
                continue;
            }

            extra.Remove(changed);
            foreach (var column in Differing(row, changed))
            {
                yield return new Finding(
                    FindingKind.Modified,
                    null,
                    $"access_right.{Columns[column]}",
                    $"A right of the habilitation '{row.Habilitation}' says {changed.Values[column]}; the events "
                        + $"give {row.Values[column]}."
                );
            }
        }

        foreach (var row in extra)
        {
            yield return new Finding(
                FindingKind.Inserted,
                null,
                "access_right",
                $"No event gives this right of the habilitation '{row.Habilitation}': {row}."
            );
        }
    }

    private static Func<AccessRight, long, long?, Row> Maker(Habilitation habilitation, Knowledge known)
    {
        var (granted, partenariat) = (habilitation.Granted, known.Require(habilitation.Granted.Convention));
        var (siret, caf) = (partenariat.Convention.Siret.Value, partenariat.Convention.Caf.Value);
        return (right, since, until) =>
            new Row(
                granted.Event.Habilitation.Value,
                [
                    $"{siret}/{granted.Agent.Value}/{granted.Event.Habilitation.Value}",
                    granted.Convention.Value,
                    granted.Agent.Value,
                    siret,
                    caf,
                    granted.Service.Value,
                    granted.Profil.Value,
                    List(right.Purposes),
                    List(right.Communes),
                    List(right.Dossiers),
                    $"{Text(right.From)}/{Text(right.Until)}",
                    $"{since}/{until}",
                    string.Join(' ', right.Because),
                ]
            );
    }

    private static List<Row> Without(IEnumerable<Row> rows, IEnumerable<Row> others)
    {
        var counts = others.CountBy(r => r.Key).ToDictionary();
        return
        [
            .. rows.Where(r => !counts.TryGetValue(r.Key, out var left) || left == 0 || (counts[r.Key] = left - 1) < 0),
        ];
    }

    private static IEnumerable<int> Differing(Row one, Row other) =>
        Enumerable.Range(0, Columns.Length).Where(i => one.Values[i] != other.Values[i]);

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
            : instant.UtcDateTime.ToString("O", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>A row as texts, a value a column.</summary>
    internal sealed record Row(string Habilitation, IReadOnlyList<string> Values)
    {
        public string Key { get; } = $"{Habilitation}\n{string.Join('\n', Values)}";

        public override string ToString() => $"valid {Values[10]}, known {Values[11]}";
    }
}
