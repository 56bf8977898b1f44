using System.Diagnostics;
using Ledger.Anchors.EventStore;
using Ledger.Tests;

namespace Ledger.Anchors.Tests;

/// <summary>EventStoreDB's own Node client drives the in-process server: it is as faithful as a mirror needs.</summary>
public sealed class ForeignClientTests
{
    [NpmFact]
    public async Task EventStoreDB_s_own_client_appends_and_reads_what_our_client_appends_and_reads()
    {
        await using var store = await InProcessEventStore.StartAsync();
        await using var ours = MirrorConnection.Open(store.ConnectionString, TimeProvider.System);
        var id = new Guid("01020304-0506-0708-090a-0b0c0d0e0f10");
        await ours.AppendAsync(
            "from-ledger",
            IEventStreams.NoStream,
            [
                new StreamEvent(id, "entry.v1", "first"u8.ToArray()),
                new StreamEvent(new Guid("01020304-0506-0708-090a-0b0c0d0e0f11"), "entry.v1", "second"u8.ToArray()),
            ],
            CancellationToken.None
        );

        var folder = Directory.CreateTempSubdirectory("ledger-npm-").FullName;
        try
        {
            File.Copy(
                Path.Combine(AppContext.BaseDirectory, "foreign", "client.mjs"),
                Path.Combine(folder, "client.mjs")
            );
            await RunAsync(
                folder,
                "npm",
                "install --no-save --no-audit --no-fund --ignore-scripts @eventstore/db-client@6.2.1"
            );
            var said = await RunAsync(
                folder,
                "node",
                $"client.mjs {store.ConnectionString.Replace("127.0.0.1", "localhost", StringComparison.Ordinal)} {id}"
            );
            said.ShouldContain("all as expected");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        var theirs = await ours.ReadAsync("from-node", 0, 10, CancellationToken.None).ToListAsync();
        theirs
            .Select(e => (e.Revision, e.Type, System.Text.Encoding.UTF8.GetString(e.Data.Span)))
            .ShouldBe([(0, "node.v1", """{"n":1}"""), (1, "node.v1", """{"n":2}""")]);
        theirs[0].Id.ShouldBe(new Guid("11111111-2222-4333-8444-555555555555"));
        (
            await Should.ThrowAsync<WrongRevisionException>(() =>
                ours.AppendAsync("from-node", 0, [new StreamEvent(id, "x", default)], CancellationToken.None)
            )
        ).Actual.ShouldBe(1);
    }

    private static async Task<string> RunAsync(string folder, string program, string arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(program, arguments)
            {
                WorkingDirectory = folder,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        process.ExitCode.ShouldBe(0, $"{program}: {await output}{await error}");
        return await output;
    }
}

/// <summary>Skips, saying so, where Node and npm are not there.</summary>
internal sealed class NpmFactAttribute : FactAttribute
{
    public NpmFactAttribute()
    {
        var path = (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(':');
        Skip = new[] { "node", "npm" }.All(program => path.Any(folder => File.Exists(Path.Combine(folder, program))))
            ? null
            : "Node and npm are not on PATH.";
    }
}
