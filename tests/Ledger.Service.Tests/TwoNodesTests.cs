using Caf.Ledger.V1;
using Grpc.Core;
using Ledger.Client;
using Ledger.Tests;
using static Ledger.Tests.SampleRequests;

namespace Ledger.Service.Tests;

/// <summary>Two nodes of one ledger, each with callers of its own.</summary>
[Collection(PostgresTests.Name)]
public sealed class TwoNodesTests(PostgresCluster cluster)
{
    private const int Months = 300;
    private const int Callers = 16;

    private static readonly Allocataire File = new() { Caf = "763", Matricule = "1204571" };

    [Fact]
    public async Task What_callers_of_two_nodes_record_in_300_new_months_both_find_and_with_copied_keys_one_is_refused()
    {
        await using var one = await RunningService.StartAsync(cluster);
        await using var other = await one.BesideAsync();
        var positions = await Task.WhenAll(
            Enumerable.Range(0, 2 * Callers).Select(caller => RecordAsync((caller % 2 == 0 ? one : other).Client))
        );
        var recorded = positions.SelectMany(p => p).Order().ToList();
        recorded.Count.ShouldBe(2 * Callers * Months);
        (await FoundAsync(one.Client)).ShouldBe(recorded);
        (await FoundAsync(other.Client)).ShouldBe(recorded);

        var copied = Directory.CreateTempSubdirectory("ledger-keys-").FullName;
        try
        {
            Copy(one.Keys, copied);
            await using var copy = await one.BesideAsync(copied);
            var next = Consultation(at: "2026-10-10T10:00:00Z");
            recorded.Add((await one.Client.Consultations.RecordConsultationAsync(next)).Acknowledgement.Position);
            var refused = await Should.ThrowAsync<RpcException>(async () =>
                await copy.Client.Consultations.RecordConsultationAsync(Consultation(at: "2026-10-11T10:00:00Z"))
            );
            refused.Status.Detail.ShouldContain("2026-10.key");
            refused.Status.Detail.ShouldContain("one key folder");
            (await FoundAsync(one.Client)).ShouldBe(recorded);
        }
        finally
        {
            Directory.Delete(copied, recursive: true);
        }
    }

    private static async Task<List<long>> RecordAsync(LedgerClient client)
    {
        var positions = new List<long>();
        for (var month = 0; month < Months; month++)
        {
            var at = new DateTime(2001, 1, 10, 10, 0, 0, DateTimeKind.Utc).AddMonths(month);
            var recorded = await client.Consultations.RecordConsultationAsync(Consultation(at: $"{at:O}"));
            positions.Add(recorded.Acknowledgement.Position);
        }

        return positions;
    }

    private static async Task<List<long>> FoundAsync(LedgerClient client)
    {
        var (found, token) = (new List<long>(), string.Empty);
        do
        {
            var page = await client.History.WhoDidAccessAsync(
                new()
                {
                    Asking = Asking(),
                    Allocataire = File,
                    Paging = new() { Size = 1000, Token = token },
                }
            );
            found.AddRange(page.Consultations.Select(c => c.Position));
            token = page.NextPageToken;
        } while (token.Length > 0);

        found.Sort();
        return found;
    }

    private static void Copy(string from, string to)
    {
        // A node that signs just now holds the lock beside its key: that is no key.
        foreach (
            var file in Directory
                .EnumerateFiles(from, "*", SearchOption.AllDirectories)
                .Where(f => !f.EndsWith(".lock", StringComparison.Ordinal))
        )
        {
            var copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            System.IO.File.Copy(file, copy);
        }
    }
}
