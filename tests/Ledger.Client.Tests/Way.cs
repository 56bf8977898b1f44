using System.Net;
using System.Net.Sockets;

namespace Ledger.Client.Tests;

/// <summary>A way to the service that is closed until it is opened: nobody listens there before.</summary>
internal sealed class Way : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    public Way()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        Address = new Uri($"http://{free.LocalEndpoint}");
    }

    public Uri Address { get; }

    public void Open(Uri service)
    {
        var listener = new TcpListener(IPAddress.Loopback, Address.Port);
        listener.Start();
        _running = AcceptAsync(listener, service);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task AcceptAsync(TcpListener listener, Uri service)
    {
        using (listener)
        {
            while (true)
            {
                _ = ForwardAsync(await listener.AcceptTcpClientAsync(_stop.Token), service);
            }
        }
    }

    private async Task ForwardAsync(TcpClient from, Uri service)
    {
        using (from)
        using (var to = new TcpClient())
        {
            await to.ConnectAsync(service.Host, service.Port, _stop.Token);
            await Task.WhenAny(
                from.GetStream().CopyToAsync(to.GetStream(), _stop.Token),
                to.GetStream().CopyToAsync(from.GetStream(), _stop.Token)
            );
        }
    }
}
