using System.Threading.Channels;
using Google.Protobuf;
using Ledger.Bench.Overload;
using Ledger.Client;
using Ledger.Client.Spool;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Ledger.Bench.Spooling;

/// <summary>
/// What it costs a portal to have a consultation on its disk, enciphered, against a file that is written and flushed for
/// as many callers at once.
/// </summary>
internal static class SpoolExperiment
{
    private const int Consultations = 20_000;

    public static async Task<List<Measurement>> RunAsync(int passes)
    {
        var measurements = new List<Measurement>();
        foreach (var callers in new[] { 1, 16, 64, 256 })
        {
            var folder = Directory.CreateTempSubdirectory("ledger-spool-").FullName;
            using var portal = Portal(folder);
            await using var file = new FlushedFile(Path.Combine(folder, "peer"));
            var recorder = portal.Services.GetRequiredService<ConsultationRecorder>();
            var events = callers == 1 ? Consultations / 20 : Consultations;
            var peer = new Variant(
                "a file, flushed for all who wait",
                () => AppendExperiment.ByCallersAsync(callers, events, () => file.WriteAsync(Content()))
            );
            var spool = new Variant(
                "spool",
                () =>
                    AppendExperiment.ByCallersAsync(
                        callers,
                        events,
                        async () => await recorder.SpoolAsync(Callers.Consultation())
                    ),
                peer.Name
            );
            var rates = await Interleaved.RunAsync($"spool, {callers} callers", passes, peer, spool);
            measurements.AddRange(rates);
            measurements.AddRange(rates.Select(Cost));
            Directory.Delete(folder, recursive: true);
        }

        return measurements;
    }

    private static Measurement Cost(Measurement rate) =>
        rate with
        {
            Unit = "µs",
            Median = 1e6 / rate.Median,
            Min = 1e6 / rate.Max,
            Max = 1e6 / rate.Min,
            Ratio = null,
            Versus = null,
        };

    private static byte[] Content() => Callers.Consultation().ToByteArray();

    // Nobody listens there: what is taken waits.
    private static IHost Portal(string folder)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddLedgerClient(o =>
        {
            o.Address = new Uri("http://127.0.0.1:1");
            o.Spool = new SpoolOptions
            {
                Folder = folder,
                KeyFile = Path.Combine(folder, "key"),
                MostBytes = long.MaxValue,
            };
        });
        return builder.Build();
    }

    private sealed class FlushedFile : IAsyncDisposable
    {
        private readonly Channel<(byte[] Content, TaskCompletionSource Done)> _waiting = Channel.CreateUnbounded<(
            byte[],
            TaskCompletionSource
        )>();
        private readonly FileStream _file;
        private readonly Task _writing;

        public FlushedFile(string path)
        {
            _file = File.Create(path);
            _writing = Task.Run(WriteAllAsync);
        }

        public async Task WriteAsync(byte[] content)
        {
            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await _waiting.Writer.WriteAsync((content, done));
            await done.Task;
        }

        public async ValueTask DisposeAsync()
        {
            _waiting.Writer.Complete();
            await _writing;
            await _file.DisposeAsync();
        }

        private async Task WriteAllAsync()
        {
            var batch = new List<TaskCompletionSource>();
            while (await _waiting.Reader.WaitToReadAsync())
            {
                batch.Clear();
                while (_waiting.Reader.TryRead(out var next))
                {
                    _file.Write(next.Content);
                    batch.Add(next.Done);
                }

                _file.Flush(flushToDisk: true);
                batch.ForEach(done => done.SetResult());
            }
        }
    }
}
