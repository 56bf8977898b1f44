using System.Globalization;
using System.Net;
using System.Text;
using Ledger.Integrity.Checkpoints;
using Ledger.Integrity.Witnesses;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Ledger.Verify.Witnesses;

/// <summary>
/// A C2SP witness over HTTP on loopback: cosigns a log's checkpoint when it continues what was cosigned before, and
/// remembers it first.
/// </summary>
public sealed class WitnessServer(WitnessMemory memory, IReadOnlyCollection<NoteVerifier> logs, TimeProvider time)
    : IDisposable
{
    private const int MaxRequest = 128 * 1024;

    // Compare, remember and answer are one: two requests at once must not both continue the same checkpoint.
    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>The server; a port of 0 takes a free one.</summary>
    public WebApplication Build(int port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = MaxRequest;
            kestrel.Listen(IPAddress.Loopback, port);
        });
        var app = builder.Build();
        app.MapPost($"/{AddCheckpoint.Path}", AddAsync);
        app.MapGet(
            "/{hash:length(64)}/checkpoint",
            (string hash) =>
                hash.All(char.IsAsciiHexDigitLower) && memory.Recall(hash) is { } note
                    ? Results.Text(note, "text/plain; charset=utf-8")
                    : Results.NotFound()
        );
        return app;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _turn.Dispose();
        memory.Dispose();
    }

    private async Task<IResult> AddAsync(HttpContext http, CancellationToken cancel)
    {
        AddCheckpoint request;
        try
        {
            using var reader = new StreamReader(http.Request.Body, Encoding.UTF8);
            request = AddCheckpoint.Parse(await reader.ReadToEndAsync(cancel));
        }
        catch (FormatException e)
        {
            return Results.Text(e.Message + "\n", statusCode: (int)WitnessVerdict.BadRequest);
        }

        await _turn.WaitAsync(cancel);
        try
        {
            return Answer(request);
        }
        finally
        {
            _turn.Release();
        }
    }

    private IResult Answer(AddCheckpoint request)
    {
        Checkpoint? seen = null;
        var (verdict, checkpoint, why) = Witness.Judge(request, logs, origin => seen = Seen(origin));
        switch (verdict)
        {
            case WitnessVerdict.Cosigned:
                var cosigned = SignedNote
                    .Parse(request.Note)
                    .OnlyBy([.. logs.Where(l => l.Name == checkpoint!.Origin)])
                    .Cosign(memory.Signer, time.GetUtcNow());
                memory.Keep(checkpoint!.Origin, cosigned.ToString());
                return Results.Text(cosigned.Signatures[^1].ToLine() + "\n", "text/plain; charset=utf-8");
            case WitnessVerdict.Conflict:
                return Results.Text(
                    string.Create(CultureInfo.InvariantCulture, $"{seen?.Size ?? 0}\n"),
                    AddCheckpoint.SizeMediaType,
                    statusCode: (int)verdict
                );
            default:
                return Results.Text(why + "\n", statusCode: (int)verdict);
        }
    }

    private Checkpoint? Seen(string origin) =>
        memory.Recall(WitnessMemory.HashOf(origin)) is { } note ? Checkpoint.Parse(SignedNote.Parse(note).Body) : null;
}
