using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Ledger.Anchors;
using Ledger.Anchors.Cosigner;
using Ledger.Anchors.EventStore;
using Ledger.Anchors.Timestamps;
using Ledger.Anchors.Witnesses;
using Ledger.Integrity.Checkpoints;
using Ledger.Service.Hosting;
using Ledger.Service.Keys;
using Microsoft.Extensions.Options;

namespace Ledger.Service.Anchoring;

/// <summary>How an anchor stands.</summary>
/// <param name="Name">Which.</param>
/// <param name="Size">Up to which size the log is anchored there.</param>
/// <param name="At">When it was last reached; null for never.</param>
/// <param name="Failure">Why it could not be reached, or what it objects; null when all is well.</param>
/// <param name="Contradicts">Whether it holds what contradicts the log.</param>
internal sealed record AnchorState(
    string Name,
    long Size = 0,
    DateTimeOffset? At = null,
    string? Failure = null,
    bool Contradicts = false
);

/// <summary>The anchors that the options name, and how each stands.</summary>
internal sealed class AnchorBoard(IOptions<LedgerOptions> options, LedgerNode node, TimeProvider time)
    : IAsyncDisposable
{
    private const int MaxAnswer = 1024 * 1024;

    private static readonly TimeSpan CosignatureCadence = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, AnchorState> _states = new();
    private readonly HttpClient _http = new() { Timeout = Patience, MaxResponseContentBufferSize = MaxAnswer };
    private IEventStreams? _mirror;

    public IReadOnlyList<IAnchor> Anchors { get; private set; } = [];

    /// <summary>The ledger's own cosigner, which is not outside; null on a node that only answers.</summary>
    public OwnCosigner? Cosigner { get; private set; }

    /// <summary>The policy that names the witnesses; null for none.</summary>
    public TrustPolicy? Policy { get; private set; }

    public IEnumerable<AnchorState> All => Anchors.Select(a => _states.GetOrAdd(a.Name, name => new AnchorState(name)));

    /// <summary>Reads what the options say of the anchors. Reaches none of them.</summary>
    /// <exception cref="SetupException">One of them is not described as it should be.</exception>
    public void Prepare()
    {
        try
        {
            Policy =
                options.Value.WitnessPolicy.Length == 0
                    ? null
                    : TrustPolicy.Parse(File.ReadAllText(options.Value.WitnessPolicy));
            Anchors = [.. Witnesses(), .. Timestamps()];
            _mirror = options.Value.Mirror.Length == 0 ? null : MirrorConnection.Open(options.Value.Mirror, time);
        }
        catch (Exception e)
            when (e is FormatException or IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new SetupException($"The anchors cannot be set up: {e.Message}", e);
        }
    }

    /// <summary>Makes the anchors; a read-only node has none.</summary>
    /// <exception cref="Store.Schema.LedgerStateException">The cosigner's key cannot be read.</exception>
    public void Open()
    {
        if (node.IsReadOnly)
        {
            Anchors = [];
            return;
        }

        Cosigner = new OwnCosigner(
            SigningKey.LoadOrMakeCosigner(options.Value.Keys, node.PublicKey.Name),
            CosignatureCadence,
            time
        );
        Anchors = _mirror is null ? Anchors : [.. Anchors, MirrorOf(_mirror)];
    }

    public void Reached(IAnchor anchor, long size) =>
        _states[anchor.Name] = new AnchorState(anchor.Name, size, time.GetUtcNow());

    /// <summary>Notes a failure.</summary>
    /// <returns>Whether it is another than the last one of this anchor.</returns>
    public bool Failed(IAnchor anchor, string why, bool contradicts)
    {
        var before = _states.GetValueOrDefault(anchor.Name);
        _states[anchor.Name] = (before ?? new AnchorState(anchor.Name)) with
        {
            Failure = why,
            Contradicts = contradicts,
        };
        return before?.Failure != why;
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (_mirror is not null)
        {
            await _mirror.DisposeAsync();
        }
    }

    private MirrorAnchor MirrorOf(IEventStreams streams)
    {
        // A long catch-up shows how far it is.
        MirrorAnchor? mirror = null;
        return mirror = new MirrorAnchor(streams, () => node.Keys, time, size => Reached(mirror!, size));
    }

    private IEnumerable<IAnchor> Witnesses() =>
        (Policy?.Witnesses ?? []).Where(w => w.Url is not null).Select(w => new WitnessAnchor(_http, w));

    private IEnumerable<IAnchor> Timestamps()
    {
        if (options.Value.TimestampUrl.Length == 0)
        {
            return [];
        }

        if (!Uri.TryCreate(options.Value.TimestampUrl, UriKind.Absolute, out var url))
        {
            throw new FormatException($"'{options.Value.TimestampUrl}' is not an address.");
        }

        var roots = new X509Certificate2Collection();
        roots.ImportFromPemFile(options.Value.TimestampRoots);
        return
        [
            new TimestampAnchor(
                _http,
                new TimestampSettings(url, roots, options.Value.TimestampCadence),
                RandomNumberGenerator.Create(),
                time
            ),
        ];
    }
}
