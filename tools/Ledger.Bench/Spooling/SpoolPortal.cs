using Ledger.Bench.Overload;
using Ledger.Client;
using Ledger.Client.Spool;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Ledger.Bench.Spooling;

/// <summary>
/// A portal with a spool, in a process of its own, which may be killed at any moment: it says each request id once the
/// spool has taken it, and not before.
/// </summary>
internal static class SpoolPortal
{
    /// <summary>The argument that makes this program one.</summary>
    public const string Verb = "spool-portal";

    /// <summary>What it says when the spool takes nothing.</summary>
    public const string Full = "full";

    /// <summary>Takes so many a second until its input ends; then waits until nothing waits, and ends.</summary>
    /// <param name="address">The ledger's.</param>
    /// <param name="spool">The folder of the spool.</param>
    /// <param name="receipts">The folder of the receipts.</param>
    /// <param name="vkey">The ledger's key.</param>
    /// <param name="rate">How many a second; 0 for one that sends alone.</param>
    public static async Task RunAsync(Uri address, string spool, string receipts, string vkey, int rate)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        Directory.CreateDirectory(receipts);
        builder.Services.AddLedgerClient(o =>
        {
            o.Address = address;
            o.Vkey = vkey;
            o.ReceiptFolder = receipts;
            o.Spool = new SpoolOptions { Folder = spool, KeyFile = Path.Combine(receipts, "..", "spool.key") };
        });
        using var portal = builder.Build();
        await portal.StartAsync();
        var recorder = portal.Services.GetRequiredService<ConsultationRecorder>();
        // What reads the console blocks whoever asks it.
        var ended = Task.Run(Console.In.ReadToEnd);
        using var beat = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / Math.Max(rate, 100)));
        while (!ended.IsCompleted && await beat.WaitForNextTickAsync())
        {
            if (rate > 0)
            {
                await TakeAsync(recorder);
            }
        }

        while (recorder.State.Depth > 0)
        {
            await beat.WaitForNextTickAsync();
        }

        await portal.StopAsync();
    }

    private static async Task TakeAsync(ConsultationRecorder recorder)
    {
        try
        {
            Say((await recorder.SpoolAsync(Callers.Consultation())).ToString());
        }
        catch (SpoolFullException)
        {
            Say(Full);
        }
    }

    private static void Say(string text)
    {
        Console.Out.WriteLine(text);
        Console.Out.Flush();
    }
}
