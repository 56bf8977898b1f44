using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Ledger.Integrity.Checkpoints;
using Ledger.Integrity.Timestamps;

namespace Ledger.Anchors.Timestamps;

/// <summary>Where timestamps come from, and how often.</summary>
/// <param name="Url">The authority's address (RFC 3161 over HTTP).</param>
/// <param name="Roots">The roots under which the authority must be.</param>
/// <param name="Cadence">At most one timestamp in that time.</param>
public sealed record TimestampSettings(Uri Url, X509Certificate2Collection Roots, TimeSpan Cadence);

/// <summary>
/// Has checkpoints timestamped by an RFC 3161 authority, the latest once in every stretch of the cadence, and keeps the
/// tokens.
/// </summary>
public sealed class TimestampAnchor(
    HttpClient http,
    TimestampSettings settings,
    RandomNumberGenerator chance,
    TimeProvider time
) : IAnchor
{
    private const string QueryType = "application/timestamp-query";
    private const int NonceSize = 8;

    /// <summary>Under what name tokens are kept.</summary>
    public static string NameOf(Uri url) => url.Host;

    /// <inheritdoc/>
    public string Name => $"timestamps {NameOf(settings.Url)}";

    /// <inheritdoc/>
    public async Task<long> AnchorAsync(IAnchoredLog log, CancellationToken cancel)
    {
        var kept = await log.LastKeptAsync(AnchorKind.Timestamp, NameOf(settings.Url), cancel);
        if (
            await log.LatestAsync(cancel) is not var (note, checkpoint)
            || kept?.Size == checkpoint.Size
            || time.GetUtcNow() - kept?.At < settings.Cadence
        )
        {
            return kept?.Size ?? 0;
        }

        var data = Encoding.UTF8.GetBytes(note);
        var nonce = new byte[NonceSize];
        chance.GetBytes(nonce);
        var query = Timestamp.Query(data, nonce);
        try
        {
            var timestamp = Timestamp.Answering(query, await AskAsync(query, cancel));
            timestamp.Verify(data, settings.Roots);
            await log.KeepAsync(
                new AnchorProof(checkpoint.Size, AnchorKind.Timestamp, NameOf(settings.Url), timestamp.ToBytes()),
                cancel
            );
            return checkpoint.Size;
        }
        catch (FormatException e)
        {
            throw new AnchorException(
                $"The timestamping authority at {settings.Url} answers what does not hold: {e.Message}",
                contradicts: false,
                e
            );
        }
    }

    private async Task<byte[]> AskAsync(byte[] query, CancellationToken cancel)
    {
        try
        {
            using var content = new ByteArrayContent(query)
            {
                Headers = { ContentType = new MediaTypeHeaderValue(QueryType) },
            };
            using var response = await http.PostAsync(settings.Url, content, cancel);
            response.EnsureSuccessStatusCode();
            return await response.Content.ReadAsByteArrayAsync(cancel);
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !cancel.IsCancellationRequested)
        {
            throw new AnchorException(
                $"The timestamping authority at {settings.Url} does not answer: {e.Message}",
                contradicts: false,
                e
            );
        }
    }
}
