using System.Globalization;
using Ledger.Domain.Knowing;
using Ledger.Store.Schema;
using Npgsql;

namespace Ledger.Store.Reading;

/// <summary>
/// A query of the index of use. It has only the conditions that there are, so that its plan uses the index that fits.
/// </summary>
#pragma warning disable CA1001 // The command is its caller's once it is made.
internal sealed class UsageSelect
#pragma warning restore CA1001
{
    /// <summary>The condition of a consultation.</summary>
    public const string IsConsultation = "u.kind = 0";

    private readonly NpgsqlCommand _command;
    private readonly List<string> _conditions = [];

    /// <summary>Facts of a scope, up to a position.</summary>
    public UsageSelect(LedgerDatabase database, UsageScope scope, long known)
    {
        _command = database.Source.CreateCommand();
        _conditions.Add($"u.position <= {P(known)}");
        _conditions.Add($"u.occurred_at >= {P(scope.From.UtcDateTime)}");
        _conditions.Add($"u.occurred_at < {P(scope.Until.UtcDateTime)}");
        if (scope.Caf is { } caf)
        {
            // Its files, and what was done elsewhere under a right of its conventions: looked up only where it is needed.
            var its = P(caf.Value);
            _conditions.Add(
                $"(u.caf = {its} or u.habilitation in (select r.habilitation from ledger.habilitation_right r "
                    + $"where r.caf = {its}))"
            );
        }

        Add("siret", scope.Siret?.Value);
        Add("agent", scope.Agent?.Value);
        Add("service", scope.Service?.Value);
        if (scope.Address is not null)
        {
            var addresses = scope.SealedAddresses ?? throw new ArgumentException("It is not sealed.", nameof(scope));
            _conditions.Add($"u.address = any({P(addresses.ToArray())})");
        }
    }

    /// <summary>One more condition.</summary>
    public UsageSelect Where(string condition)
    {
        _conditions.Add(condition);
        return this;
    }

    /// <summary>Without those that count for nothing any more.</summary>
    public UsageSelect Standing(Knowledge known) =>
        known.Rectified.ToArray() is { Length: > 0 } rectified
            ? Where($"not (u.position = any({P(rectified)}))")
            : this;

    /// <summary>Only what took place after a place in the list.</summary>
    public UsageSelect After(Cursor cursor) =>
        Where($"(u.occurred_at, u.position) > ({P(cursor.OccurredAt.UtcDateTime)}, {P(cursor.Position)})");

    /// <summary>These columns of the first rows, in the order in which they took place.</summary>
    public NpgsqlCommand First(string columns, int limit)
    {
        _command.CommandText =
            $"select {columns} from ledger.usage u where {string.Join(" and ", _conditions)} "
            + $"order by u.occurred_at, u.position limit {limit.ToString(CultureInfo.InvariantCulture)}";
        return _command;
    }

    /// <summary>These columns of all rows together.</summary>
    public NpgsqlCommand All(string columns)
    {
        _command.CommandText = $"select {columns} from ledger.usage u where {string.Join(" and ", _conditions)}";
        return _command;
    }

    private void Add(string column, string? value)
    {
        if (value is not null)
        {
            _conditions.Add($"u.{column} = {P(value)}");
        }
    }

    private string P(object value)
    {
        _command.Parameters.Add(new() { Value = value });
        return $"${_command.Parameters.Count}";
    }
}
