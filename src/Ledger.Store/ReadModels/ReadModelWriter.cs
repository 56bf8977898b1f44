using Ledger.Domain.Anomalies;
using Ledger.Domain.Common;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Knowing;
using Ledger.Domain.ReadModels;
using Npgsql;

namespace Ledger.Store.ReadModels;

/// <summary>
/// Gathers what events change in the read models and writes it at once, in the transaction that records them: one write for
/// a batch, however many events it has. The rows come from the pure functions of the domain.
/// </summary>
internal sealed class ReadModelWriter(string schema = "ledger")
{
    private readonly HashSet<(long Position, string Tag)> _tags = [];
    private readonly RightRows<HabilitationKey> _own = new();
    private readonly RightRows<PartnerKey> _common = new();
    private readonly List<UsageRow> _usage = [];
    private readonly List<AlertRow> _alerts = [];
    private readonly List<AlertOutcomeRow> _outcomes = [];

    /// <summary>Takes an event that was learnt, or that nobody has to know.</summary>
    /// <param name="position">Where it stands.</param>
    /// <param name="event">The event.</param>
    /// <param name="before">What was known before it.</param>
    /// <param name="learnt">What it leads to; null for an event that bears on no right.</param>
    public void Take(long position, LedgerEvent @event, Knowledge before, Learnt? learnt)
    {
        if (UsageRow.Takes(@event))
        {
            _usage.Add(UsageRow.Of(position, @event));
            return;
        }

        _tags.UnionWith(Tags.Of(@event, learnt?.Known ?? before).Select(tag => (position, tag)));
        switch (@event)
        {
            case AnomalyDetected e:
                _alerts.Add(AlertRow.Of(position, e));
                break;
            case AnomalyQualified e:
                _outcomes.Add(AlertOutcomeRow.Of(position, e));
                break;
        }

        if (learnt is { Reach.IsNone: false } known)
        {
            TakeRights(position, before, known);
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
            RightStatements.Close(schema, _common.Closed),
            RightStatements.Insert(schema, [.. _common.Added]),
            RightStatements.Close(schema, _own.Closed),
            RightStatements.Insert(schema, [.. _own.Added]),
        };
        foreach (var statement in statements.OfType<NpgsqlBatchCommand>())
        {
            batch.BatchCommands.Add(statement);
        }
    }

    private void TakeRights(long position, Knowledge before, Learnt learnt)
    {
        foreach (var habilitation in learnt.Reach.Habilitations)
        {
            var had = before.TryFind(habilitation.Granted.Event.Habilitation, out var was) ? Own(was, before) : [];
            _own.Change(position, KeyOf(habilitation, learnt.Known), had, Own(habilitation, learnt.Known));
        }

        foreach (var common in learnt.Reach.Common)
        {
            var convention = learnt.Known.Require(common.Convention).Convention;
            _common.Change(
                position,
                new PartnerKey(common, convention.Siret.Value, convention.Caf.Value),
                Common(common, before),
                Common(common, learnt.Known)
            );
        }
    }

    private static List<RightRow> Own(Habilitation habilitation, Knowledge known) =>
        [.. RightRow.Of(habilitation.OwnRights(known.Require(habilitation.Granted.Convention)))];

    private static List<RightRow> Common(CommonKey key, Knowledge known) =>
        known.TryFind(key.Convention, out var partenariat)
            ? [.. RightRow.Of(partenariat.CommonRights(key.Service, key.Profil))]
            : [];

    private static HabilitationKey KeyOf(Habilitation habilitation, Knowledge known)
    {
        var (granted, convention) = (habilitation.Granted, known.Require(habilitation.Granted.Convention).Convention);
        return new HabilitationKey(
            granted.Event.Habilitation.Value,
            granted.Convention.Value,
            granted.Agent.Value,
            convention.Siret.Value,
            convention.Caf.Value,
            granted.Service.Value,
            granted.Profil.Value
        );
    }
}
