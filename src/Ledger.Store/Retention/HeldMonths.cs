using Ledger.Domain.Dossiers;
using Ledger.Domain.Knowing;
using Ledger.Domain.Pseudonyms;
using Ledger.Domain.ReadModels;
using Ledger.Domain.Retention;
using Ledger.Store.Pseudonyms;
using Ledger.Store.Reading;
using Ledger.Store.Schema;
using Npgsql;

namespace Ledger.Store.Retention;

/// <summary>Which months a hold is not about: no use in them is of the file, the agent or the partner that it names.</summary>
public sealed class HeldMonths(LedgerDatabase database, IMonthKeys keys)
{
    /// <summary>Searches the uses of months for what the holds name.</summary>
    /// <returns>Each hold and month in which nothing was found.</returns>
    public async Task<IReadOnlySet<(long Hold, string Month)>> ClearedAsync(
        Knowledge known,
        IReadOnlyList<string> months,
        CancellationToken cancel
    )
    {
        var cleared = new HashSet<(long, string)>();
        foreach (var hold in LegalHold.Standing(known).Where(h => h.NamesUses))
        {
            var files = hold.File is { } file
                ? known.Dossiers.IdentitiesOf(new DossierIdentity(file, hold.Caf)).Identities
                : null;
            foreach (var month in months.Where(hold.Meets))
            {
                if (!await HasUseAsync(hold, files, month, cancel))
                {
                    cleared.Add((hold.Position, month));
                }
            }
        }

        return cleared;
    }

    private async Task<bool> HasUseAsync(
        LegalHold hold,
        IReadOnlyList<DossierIdentity>? files,
        string month,
        CancellationToken cancel
    )
    {
        var (from, until) = hold.Within(month);
        var pseudonyms = files is null ? null : await PseudonymsAsync(files, month, cancel);
        await using var select = database.Source.CreateCommand(
            $"""
            select exists (
                select from ledger.usage
                where occurred_at >= $1 and occurred_at < $2
                  {(hold.File is null ? "and caf = $7" : "")}
                  {(hold.Siret is null ? "" : "and siret = $3")}
                  {(hold.Agent is null ? "" : "and agent = $4")}
                  {(pseudonyms is null ? "" : "and epoch = $5 and allocataire = any($6)")})
            """
        );
        select.Parameters.AddRange(
            new NpgsqlParameter[]
            {
                new() { Value = from.UtcDateTime },
                new() { Value = until.UtcDateTime },
                new() { Value = hold.Siret?.Value ?? string.Empty },
                new() { Value = hold.Agent?.Value ?? string.Empty },
                new() { Value = UsageRow.EpochOf(new Pseudonym(month, string.Empty)) },
                new() { Value = pseudonyms ?? [] },
                new() { Value = hold.Caf.Value },
            }
        );
        return (await select.RowsAsync(r => r.GetBoolean(0), cancel)).Single();
    }

    private async Task<byte[][]> PseudonymsAsync(
        IReadOnlyList<DossierIdentity> files,
        string month,
        CancellationToken cancel
    ) =>
        (await keys.OfAsync([month], cancel)).Keys.TryGetValue(month, out var key)
            ? [.. files.Select(f => Pseudonym.Bytes(key.Of(f.Pseudonym).Value))]
            : [];
}
