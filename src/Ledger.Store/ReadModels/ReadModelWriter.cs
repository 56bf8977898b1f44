using Ledger.Domain.ReadModels;
using Npgsql;

namespace Ledger.Store.ReadModels;

/// <summary>
/// Gathers what events change in the read models and writes it at once, in the transaction that records them: one write
/// for a batch, however many events it has.
/// </summary>
internal sealed class ReadModelWriter(string schema = "ledger")
{
    private readonly HashSet<(long Position, string Tag)> _tags = [];
    private readonly RightRows _common = new(RightTable.OfPartners);
    private readonly RightRows _own = new(RightTable.OfHabilitations);
    private readonly List<UsageRow> _usage = [];
    private readonly List<AlertRow> _alerts = [];
    private readonly List<AlertOutcomeRow> _outcomes = [];

    /// <summary>Takes what an event changes.</summary>
    public void Take(ReadModelChange change)
    {
        _tags.UnionWith(change.Tags.Select(tag => (change.Position, tag)));
        if (change.Usage is { } usage)
        {
            _usage.Add(usage);
        }

        if (change.Alert is { } alert)
        {
            _alerts.Add(alert);
        }

        if (change.Outcome is { } outcome)
        {
            _outcomes.Add(outcome);
        }

        foreach (var (key, had, wanted) in change.Rights)
        {
            var rows = key.Table == RightTable.OfPartners ? _common : _own;
            rows.Change(change.Position, key, had, wanted);
        }
    }

    /// <summary>Adds what writes it all.</summary>
    public void AddTo(NpgsqlBatch batch)
    {
        var statements = new List<NpgsqlBatchCommand?>
        {
            ReadModelStatements.Tags(schema, _tags),
            ReadModelStatements.Usage(schema, _usage),
            ReadModelStatements.Alerts(schema, _alerts),
            ReadModelStatements.Outcomes(schema, _outcomes),
        };
        foreach (var statement in statements.OfType<NpgsqlBatchCommand>())
        {
            batch.BatchCommands.Add(statement);
        }

        _common.AddTo(batch, schema);
        _own.AddTo(batch, schema);
    }
}
