using System.Buffers.Text;
using Ledger.Domain.Anomalies;
using Ledger.Domain.Common;
using Ledger.Domain.Knowing;
using Ledger.Domain.Procedures;
using Ledger.Domain.ReadModels;
using Ledger.Domain.Retention;
using Ledger.Verify.Scanning;
using Npgsql;

namespace Ledger.Verify.ReadModels;

/// <summary>
/// Makes every read model again from verified events, while they pass, and compares the stored rows with it: answers
/// are read from these tables, and who changes them changes answers without touching the log.
/// </summary>
internal sealed class ReadModelCheck : IAsyncDisposable
{
    private static readonly (string Column, Func<UsageRow, object?> Of)[] UsageColumns =
    [
        ("kind", r => r.Kind),
        ("occurred_at", r => r.At),
        ("caf", r => r.Caf),
        ("siret", r => r.Siret),
        ("agent", r => r.Agent),
        ("epoch", r => r.Epoch),
        ("allocataire", r => r.Allocataire),
        ("service", r => r.Service),
        ("habilitation", r => r.Habilitation),
        ("address", r => r.Address),
        ("has_file", r => r.HasFile),
        ("authorised", r => r.Authorised),
    ];

    private readonly LogReading _reading;
    private readonly Ahead<UsageRow> _usage;
    private readonly Ahead<(long Position, string Tag)> _tags;
    private readonly RightCheck _own = new(RightTable.OfHabilitations);
    private readonly RightCheck _common = new(RightTable.OfPartners);
    private readonly List<AlertRow> _alerts = [];
    private readonly List<AlertOutcomeRow> _outcomes = [];
    private Knowledge _known = Knowledge.None;
    private readonly List<Finding> _findings = [];
    private long _lastBearing = -1;

    private ReadModelCheck(LogReading reading, Ahead<UsageRow> usage, Ahead<(long, string)> tags) =>
        (_reading, _usage, _tags) = (reading, usage, tags);

    public static async Task<ReadModelCheck> OpenAsync(LogReading reading, CancellationToken cancel) =>
        new(
            reading,
            new(
                await reading.RowsAsync(
                    "select position, kind, occurred_at, caf, siret, agent, epoch, allocataire, service, habilitation, "
                        + "address, has_file, authorised from ledger.usage order by position",
                    ReadUsage,
                    cancel
                ),
                cancel
            ),
            new(
                await reading.RowsAsync(
                    "select position, tag from ledger.event_tag order by position, tag",
                    r => (r.GetInt64(0), r.GetString(1)),
                    cancel
                ),
                cancel
            )
        );

    /// <summary>Takes the next facts of the log.</summary>
    public async Task TakeAsync(IReadOnlyList<Fact> facts)
    {
        foreach (var fact in facts)
        {
            if (UsageRow.Takes(fact.Event))
            {
                await CompareUsageAsync(UsageRow.Of(fact.Position, fact.Event));
                continue;
            }

            SortedSet<string> tags;
            try
            {
                tags = Learn(fact);
            }
            catch (Exception e)
                when (e
                        is UnknownException
                            or ArgumentException
                            or InvalidOperationException
                            or KeyNotFoundException
                            or FormatException
                )
            {
                _findings.Add(
                    new Finding(
                        FindingKind.Modified,
                        fact.Position,
                        "content",
                        $"The event does not follow from those before it: {e.Message}"
                    )
                );
                continue;
            }

            await CompareTagsAsync(fact.Position, tags);
        }
    }

    private SortedSet<string> Learn(Fact fact)
    {
        switch (fact.Event)
        {
            case AnomalyDetected e:
                _alerts.Add(AlertRow.Of(fact.Position, e));
                break;
            case AnomalyQualified e:
                _outcomes.Add(AlertOutcomeRow.Of(fact.Position, e));
                break;
        }

        if (fact.Event is EpochKeyDestroyed destroyed)
        {
            CheckEnd(fact, destroyed.Step.Details[ApplyRetention.Epoch]);
        }

        if (Knowledge.Bears(fact.Event))
        {
            (_known, var reach) = _known.Learn(fact);
            foreach (var key in RightKey.Reached(reach, _known))
            {
                var check = key.Table == RightTable.OfPartners ? _common : _own;
                check.Learn(fact.Position, key, key.RowsIn(_known));
            }

            _lastBearing = fact.Position;
        }

        return new SortedSet<string>(Tags.Of(fact.Event, _known), StringComparer.Ordinal);
    }

    // Of a hold that names uses the log was searched before; one that names none keeps every month that it meets.
    private void CheckEnd(Fact fact, string month)
    {
        var term = RetentionTerm.Of(_known, month);
        var hold = LegalHold.Standing(_known).FirstOrDefault(h => !h.NamesUses && h.Meets(month));
        if (hold is not null || !term.IsDue(LegalTime.DayOf(fact.RecordedAt)))
        {
            _findings.Add(
                new Finding(
                    FindingKind.Premature,
                    fact.Position,
                    null,
                    hold is not null
                        ? $"The key of {month} was destroyed while the legal hold '{hold.Id}' stood."
                        : $"The key of {month} was destroyed before its time"
                            + (
                                term.DueOn is { } due
                                    ? $", {due:yyyy-MM-dd}."
                                    : ": no contract says how long it is kept."
                            )
                )
            );
        }
    }

    /// <summary>What is wrong, once the whole log was taken.</summary>
    public async Task<IReadOnlyList<Finding>> EndAsync(long governancePosition, CancellationToken cancel)
    {
        if (governancePosition != _lastBearing)
        {
            _findings.Add(
                new Finding(
                    FindingKind.Modified,
                    null,
                    "governance_position",
                    $"The last leaf says that what bears on rights ends at position {governancePosition}; it ends at "
                        + $"{_lastBearing}."
                )
            );
        }

        await ExtraUsageBeforeAsync(long.MaxValue);
        await CompareTagsAsync(long.MaxValue, []);
        foreach (var table in new[] { _own, _common })
        {
            _findings.AddRange(table.Compare(await AllAsync(table.Query, table.Read, cancel)));
        }

        await CompareAlertsAsync(cancel);
        return _findings;
    }

    public async ValueTask DisposeAsync()
    {
        await _usage.DisposeAsync();
        await _tags.DisposeAsync();
    }

    private async Task CompareAlertsAsync(CancellationToken cancel)
    {
        var alerts = await AllAsync(
            "select position, alert, rule, version, certain, caf, siret, agent, day, particulars, about from ledger.alert",
            r => new AlertRow(
                r.GetInt64(0),
                r.GetString(1),
                r.GetString(2),
                r.GetString(3),
                r.GetBoolean(4),
                r.GetString(5),
                r.GetString(6),
                Text(r, 7),
                r.GetFieldValue<DateOnly>(8),
                Particulars.OfJson(r.GetString(9)),
                r.GetFieldValue<long[]>(10)
            ),
            cancel
        );
        var outcomes = await AllAsync(
            "select position, alert, outcome from ledger.alert_outcome",
            r => new AlertOutcomeRow(r.GetInt64(0), r.GetString(1), r.GetString(2)),
            cancel
        );
        Compare("alert", _alerts, alerts, a => a.Position);
        Compare("alert_outcome", _outcomes, outcomes, o => o.Position);
    }

    private void Compare<T>(string table, IEnumerable<T> wanted, IEnumerable<T> stored, Func<T, long> position)
        where T : notnull
    {
        var left = stored.ToDictionary(position);
        foreach (var row in wanted)
        {
            if (!left.Remove(position(row), out var found))
            {
                _findings.Add(
                    new Finding(
                        FindingKind.Deleted,
                        position(row),
                        table,
                        $"The row of this event is gone from {table}."
                    )
                );
            }
            else if (!found.Equals(row))
            {
                _findings.Add(
                    new Finding(
                        FindingKind.Modified,
                        position(row),
                        table,
                        $"The row in {table} is not that of the event."
                    )
                );
            }
        }

        _findings.AddRange(
            left.Keys.Order()
                .Select(p => new Finding(
                    FindingKind.Inserted,
                    p,
                    table,
                    $"{table} has a row for which the log has no event."
                ))
        );
    }

    private async Task<List<T>> AllAsync<T>(string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancel)
    {
        var rows = new List<T>();
        await foreach (var chunk in (await _reading.RowsAsync(sql, read, cancel)).WithCancellation(cancel))
        {
            rows.AddRange(chunk);
        }

        return rows;
    }

    private async Task CompareUsageAsync(UsageRow wanted)
    {
        await ExtraUsageBeforeAsync(wanted.Position);
        if (!await _usage.HasNextAsync() || _usage.Current.Position != wanted.Position)
        {
            _findings.Add(
                new Finding(
                    FindingKind.Deleted,
                    wanted.Position,
                    "usage",
                    "The row of this fact of use is gone from the index."
                )
            );
            return;
        }

        var stored = _usage.Current;
        _usage.Next();
        if (stored != wanted)
        {
            _findings.AddRange(
                UsageColumns
                    .Where(c => !Equals(c.Of(stored), c.Of(wanted)))
                    .Select(c => new Finding(
                        FindingKind.Modified,
                        wanted.Position,
                        $"usage.{c.Column}",
                        $"The index says '{c.Of(stored)}'; the event gives '{c.Of(wanted)}'."
                    ))
            );
        }
    }

    private async Task ExtraUsageBeforeAsync(long position)
    {
        while (await _usage.HasNextAsync() && _usage.Current.Position < position)
        {
            _findings.Add(
                new Finding(
                    FindingKind.Inserted,
                    _usage.Current.Position,
                    "usage",
                    "The index has a row for which the log has no fact of use."
                )
            );
            _usage.Next();
        }
    }

    private async Task CompareTagsAsync(long position, SortedSet<string> wanted)
    {
        while (await _tags.HasNextAsync() && _tags.Current is var (at, tag) && at <= position)
        {
            if (at < position || !wanted.Remove(tag))
            {
                _findings.Add(
                    new Finding(
                        FindingKind.Inserted,
                        at,
                        "event_tag",
                        $"The index says that the event is about '{tag}'; it is not."
                    )
                );
            }

            _tags.Next();
        }

        _findings.AddRange(
            wanted.Select(missing => new Finding(
                FindingKind.Deleted,
                position,
                "event_tag",
                $"The index no longer says that the event is about '{missing}'."
            ))
        );
    }

    private static UsageRow ReadUsage(NpgsqlDataReader reader) =>
        new(
            reader.GetInt64(0),
            (UsageKind)reader.GetInt16(1),
            reader.GetDateTime(2),
            reader.GetString(3),
            reader.GetString(4),
            reader.GetString(5),
            reader.IsDBNull(6) ? null : reader.GetInt32(6),
            Bytes(reader, 7),
            Text(reader, 8),
            Text(reader, 9),
            Bytes(reader, 10),
            reader.GetBoolean(11),
            reader.GetBoolean(12)
        );

    private static string? Bytes(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : Base64Url.EncodeToString(reader.GetFieldValue<byte[]>(column));

    private static string? Text(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetString(column);
}
