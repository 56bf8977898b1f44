using Ledger.Client;
using Ledger.Pages;
using Ledger.Presentation;
using Ledger.Service.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Ledger.Cli.Commands;

/// <summary>Runs the console beside the service that it asks.</summary>
internal static class ConsoleBeside
{
    /// <summary>Runs both until the service ends.</summary>
    /// <exception cref="SetupException">The service has callers set up: nobody would be known here.</exception>
    public static async Task RunAsync(WebApplication service, int port, CancellationToken cancel)
    {
        if (
            service.Services.GetRequiredService<IOptions<LedgerOptions>>().Value
            is { CallersAreLocal: false }
                or { Certificate.Length: > 0 }
        )
        {
            throw new SetupException(
                "The console signs people in on this machine alone, while no callers are set up: leave --console-port out."
            );
        }

        var started = new TaskCompletionSource();
        using var told = service.Lifetime.ApplicationStarted.Register(() => started.TrySetResult());
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var running = service.RunLedgerAsync(stop.Token);
        if (await Task.WhenAny(running, started.Task) == running)
        {
            await running;
            return;
        }

        var served = service.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!;
        using var client = new LedgerClient(new Uri(served.Addresses.First()));
        await using var pages = ConsoleHost.Build(client, port, TimeProvider.System);
        try
        {
            await pages.StartAsync(cancel);
        }
        catch (IOException e)
        {
            await stop.CancelAsync();
            await running;
            throw new SetupException(
                $"The port {port} of {System.Net.IPAddress.Loopback} cannot be had: {e.Message}",
                e
            );
        }

        Console.Out.WriteLine(Words.Spoken.Say("console.link", ("link", $"{ConsoleHost.EntryLink(pages)}")));
        await running;
        await pages.StopAsync(CancellationToken.None);
    }
}
