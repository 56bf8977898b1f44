using Ledger.Integrity;
using Ledger.Integrity.Checkpoints;
using Ledger.Integrity.Merkle;
using Ledger.Store.Appending;
using Ledger.Store.Knowing;
using Ledger.Store.Publishing;
using Ledger.Store.Schema;
using Ledger.Verify;
using Ledger.Verify.Folders;
using Ledger.Verify.Scanning;
using Npgsql;

namespace Ledger.Bench;

/// <summary>
/// A full verification of a ledger, against reading the same columns of the same rows and doing nothing with them.
/// </summary>
internal static class VerifyExperiment
{
    private const int Events = 300_000;

    public static async Task<List<Measurement>> RunAsync(Workload workload, int passes)
    {
        var (database, connectionString) = await workload.CreateAsync();
        using (var replica = new Replica(database))
        await using (var writer = new LedgerWriter(database, replica))
        {
            await workload.EntitleAsync(writer);
            var waiting = new List<Task>();
            for (var i = 0; i < Events; i++)
            {
                waiting.Add(await writer.EnqueueAsync(workload.Request(), workload, CancellationToken.None));
                if (waiting.Count == 4000)
                {
                    await Task.WhenAll(waiting);
                    waiting.Clear();
                }
            }

            await Task.WhenAll(waiting);
        }

        await new CheckpointPublisher(database, Workload.Signer, SignerMemory.Transient()).PublishAsync(
            CancellationToken.None
        );
        await using (var vacuum = database.Source.CreateCommand("vacuum analyze"))
        {
            await vacuum.ExecuteNonQueryAsync();
        }

        var read = new Variant("reading the same rows", () => ReadAsync(connectionString));
        var verify = new Variant("verifying", () => VerifyAsync(connectionString, logOnly: true), read.Name);
        var whole = new Variant(
            "verifying, read models made again",
            () => VerifyAsync(connectionString, logOnly: false),
            verify.Name
        );
        var folder = Directory.CreateTempSubdirectory("ledger-bench-export-").FullName;
        try
        {
            await FolderExport.WriteAsync(database, Workload.Signer.Verifier, folder, CancellationToken.None);
            var offline = new Variant(
                "verifying an exported folder",
                () => Task.FromResult(Whole(FolderVerifier.Run(folder, new Trust(Workload.Signer.Verifier), null))),
                verify.Name
            );
            return
            [
                .. await Interleaved.RunAsync("verify", passes, read, verify, whole, offline),
                .. await ReceiptsAsync(database, passes),
            ];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
            await database.DisposeAsync();
        }
    }

    // One after another, as somebody checks what she keeps: parse, signature, inclusion. The peer checks the signature
    // alone.
    private static async Task<List<Measurement>> ReceiptsAsync(LedgerDatabase database, int passes)
    {
        const int count = 500;
        var note = (await CheckpointPublisher.LatestAsync(database, CancellationToken.None))!;
        var receipts = new List<(string Text, Hash256 Leaf)>();
        for (long position = 0; receipts.Count < count; position += Events / count)
        {
            var path = await database.Source.ProveAsync(
                ProofPlan.Inclusion(position, Checkpoint.Open(note, Workload.Signer.Verifier).Size),
                CancellationToken.None
            );
            receipts.Add(
                (
                    new TlogProof(position, path, note).ToString(),
                    await database.Source.LeafAsync(position, CancellationToken.None)
                )
            );
        }

        var signature = new Variant(
            "a signature alone",
            () => Task.FromResult(receipts.LongCount(_ => Checkpoint.Open(note, Workload.Signer.Verifier).Size > 0))
        );
        var receipt = new Variant(
            "a receipt",
            () =>
                Task.FromResult(
                    receipts.LongCount(r => TlogProof.Parse(r.Text).Verify(r.Leaf, Workload.Signer.Verifier).Size > 0)
                ),
            signature.Name
        );
        return await Interleaved.RunAsync("receipts", "receipts/s", passes, signature, receipt);
    }

    private static async Task<long> VerifyAsync(string connectionString, bool logOnly) =>
        Whole(
            await DatabaseVerifier.RunAsync(
                connectionString,
                new Trust(Workload.Signer.Verifier),
                logOnly,
                null,
                CancellationToken.None
            )
        );

    private static long Whole(Verification verification) =>
        verification.IsWhole && verification.Covered == verification.Entries
            ? verification.Entries
            : throw new InvalidOperationException(
                $"The bench's own ledger is not whole: {verification.Findings[0].Message}"
            );

    private static async Task<long> ReadAsync(string connectionString)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        var rows = await Task.WhenAll(
            CountAsync(
                source,
                "select position, event_id, seq_id, salt, content_hash, leaf_hash, recorded_at from "
                    + "ledger.ledger_leaf order by position"
            ),
            CountAsync(
                source,
                "select seq_id, id, stream_id, version, type, bdata, timestamp from ledger.mt_events order by seq_id"
            )
        );
        return rows[0];
    }

    private static async Task<long> CountAsync(NpgsqlDataSource source, string sql)
    {
        await using var select = source.CreateCommand(sql);
        await using var reader = await select.ExecuteReaderAsync();
        var (rows, values) = (0L, new object[reader.FieldCount]);
        while (await reader.ReadAsync())
        {
            reader.GetValues(values);
            rows++;
        }

        return rows;
    }
}
