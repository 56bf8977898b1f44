using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;

namespace Ledger.Store.Tests;

/// <summary>Where a connection is cut.</summary>
public enum Cut
{
    /// <summary>The request for the head's lock never arrives.</summary>
    BeforeTheLock,

    /// <summary>Marten's append was answered; what follows never arrives.</summary>
    AfterTheAppend,

    /// <summary>Everything is written; the commit never arrives.</summary>
    BeforeTheCommit,

    /// <summary>The commit arrives and is done; its answer is lost.</summary>
    AfterTheCommit,
}

/// <summary>
/// Stands between a writer and PostgreSQL on a Unix socket of its own, reads what the writer says, and cuts where it is
/// told to.
/// </summary>
internal sealed class CuttingProxy : IAsyncDisposable
{
    private const string SocketName = ".s.PGSQL.5432";

    private readonly string _folder = Directory.CreateTempSubdirectory("cut-").FullName;
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentBag<Task> _running = [];
    private readonly UnixDomainSocketEndPoint _server;
    private int _armed = -1;

    public CuttingProxy(string serverFolder)
    {
        _server = new UnixDomainSocketEndPoint(Path.Combine(serverFolder, SocketName));
        _listener.Bind(new UnixDomainSocketEndPoint(Path.Combine(_folder, SocketName)));
        _listener.Listen();
        _running.Add(AcceptAsync());
    }

    /// <summary>The host to connect to.</summary>
    public string Host => _folder;

    /// <summary>How many connections were cut.</summary>
    public int Cuts { get; private set; }

    /// <summary>Cuts the next connection that comes to this point.</summary>
    public void Arm(Cut cut) => Volatile.Write(ref _armed, (int)cut);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await Task.WhenAll(_running);
        _stop.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static string PatternOf(Cut cut) =>
        cut switch
        {
            Cut.BeforeTheLock => "from ledger.ledger_head for update",
            Cut.AfterTheAppend => "insert into ledger.ledger_leaf",
            _ => "COMMIT",
        };

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _running.Add(ServeAsync(await _listener.AcceptAsync(_stop.Token)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The proxy ends.
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using var server = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        using (client)
        {
            try
            {
                await server.ConnectAsync(_server, _stop.Token);
                using var cut = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
                var muted = new TaskCompletionSource();
                await Task.WhenAny(
                    SpeakAsync(client, server, muted, cut.Token),
                    ListenAsync(server, client, muted, cut.Token)
                );
                await cut.CancelAsync();
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                // PostgreSQL is away, or the proxy ends.
            }
        }
    }

    // What the writer says. A pattern may come in two parts: the end of what came before is looked at again.
    private async Task SpeakAsync(Socket client, Socket server, TaskCompletionSource muted, CancellationToken cancel)
    {
        var (buffer, tail) = (new byte[64 * 1024], string.Empty);
        try
        {
            while (await client.ReceiveAsync(buffer, cancel) is > 0 and var read)
            {
                var said = tail + Encoding.Latin1.GetString(buffer, 0, read);
                var armed = Volatile.Read(ref _armed);
                if (
                    armed >= 0
                    && said.Contains(PatternOf((Cut)armed), StringComparison.Ordinal)
                    && Interlocked.CompareExchange(ref _armed, -1, armed) == armed
                )
                {
                    Cuts++;
                    if ((Cut)armed != Cut.AfterTheCommit)
                    {
                        return;
                    }

                    muted.SetResult();
                }

                await SendAsync(server, buffer.AsMemory(0, read), cancel);
                tail = said[^Math.Min(64, said.Length)..];
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The other side ended.
        }
    }

    private static async Task ListenAsync(
        Socket server,
        Socket client,
        TaskCompletionSource muted,
        CancellationToken cancel
    )
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await server.ReceiveAsync(buffer, cancel) is > 0 and var read)
            {
                if (muted.Task.IsCompleted)
                {
                    // PostgreSQL has answered the commit: it is done, and nobody is told.
                    return;
                }

                await SendAsync(client, buffer.AsMemory(0, read), cancel);
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The other side ended.
        }
    }

    private static async Task SendAsync(Socket to, ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        while (bytes.Length > 0)
        {
            bytes = bytes[await to.SendAsync(bytes, cancel)..];
        }
    }
}
