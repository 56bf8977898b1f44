using System.Globalization;
using System.Net;
using System.Text;
using Ledger.Integrity;
using Ledger.Integrity.Checkpoints;
using Ledger.Integrity.Witnesses;

namespace Ledger.Anchors.Witnesses;

/// <summary>Submits checkpoints to a C2SP witness, and keeps its cosignatures.</summary>
public sealed class WitnessAnchor(HttpClient http, PolicyWitness witness) : IAnchor
{
    private readonly Uri _address = new($"{AddressOf(witness).ToString().TrimEnd('/')}/{AddCheckpoint.Path}");
    private long? _seen;

    /// <inheritdoc/>
    public string Name => $"witness {witness.Name}";

    /// <inheritdoc/>
    public async Task<long> AnchorAsync(IAnchoredLog log, CancellationToken cancel)
    {
        if (await log.LatestAsync(cancel) is not var (note, checkpoint))
        {
            return 0;
        }

        // What it last cosigned is known from here, or from what was kept; if that is wrong, the witness says what is
        // right.
        _seen ??= (await log.LastKeptAsync(AnchorKind.Cosignature, witness.Name, cancel))?.Size ?? 0;
        if (_seen == checkpoint.Size)
        {
            return checkpoint.Size;
        }

        for (var corrected = false; ; corrected = true)
        {
            if (
                _seen > checkpoint.Size
                && await log.LatestAsync(cancel) is var (later, published)
                && published.Size > checkpoint.Size
            )
            {
                // Another node has published, and had it cosigned, in between.
                (note, checkpoint) = (later, published);
            }

            if (_seen > checkpoint.Size)
            {
                var seen = _seen;
                _seen = null;
                throw new AnchorException(
                    $"The witness '{witness.Name}' has cosigned {seen} entries, and the log has only published "
                        + $"{checkpoint.Size}.",
                    contradicts: true
                );
            }

            var (status, body) = await PostAsync(await RequestAsync(log, note, checkpoint, cancel), cancel);
            switch (status)
            {
                case WitnessVerdict.Cosigned:
                    await log.KeepAsync(
                        new AnchorProof(
                            checkpoint.Size,
                            AnchorKind.Cosignature,
                            witness.Name,
                            Encoding.UTF8.GetBytes(Cosignature(note, body))
                        ),
                        cancel
                    );
                    _seen = checkpoint.Size;
                    return checkpoint.Size;
                case WitnessVerdict.Conflict
                    when !corrected
                        && long.TryParse(
                            body.TrimEnd('\n'),
                            NumberStyles.None,
                            CultureInfo.InvariantCulture,
                            out var last
                        ):
                    _seen = last;
                    break;
                case WitnessVerdict.Unprocessable:
                case WitnessVerdict.Conflict when _seen == checkpoint.Size:
                    _seen = null;
                    throw new AnchorException(
                        $"The witness '{witness.Name}' says that the log does not continue what it cosigned: "
                            + $"{body.Trim()}",
                        contradicts: true
                    );
                default:
                    _seen = null;
                    throw new AnchorException($"The witness '{witness.Name}' refuses: {(int)status} {body.Trim()}");
            }
        }
    }

    private async Task<AddCheckpoint> RequestAsync(
        IAnchoredLog log,
        string note,
        Checkpoint checkpoint,
        CancellationToken cancel
    )
    {
        var old = _seen!.Value;
        IReadOnlyList<Hash256> proof = old == 0 ? [] : await log.ProveAsync(old, checkpoint.Size, cancel);
        return new AddCheckpoint(old, proof, note);
    }

    private async Task<(WitnessVerdict Status, string Body)> PostAsync(AddCheckpoint request, CancellationToken cancel)
    {
        try
        {
            using var content = new StringContent(request.ToString(), Encoding.UTF8, "text/plain");
            using var response = await http.PostAsync(_address, content, cancel);
            var body = await response.Content.ReadAsStringAsync(cancel);
            var sized = response.Content.Headers.ContentType?.MediaType == AddCheckpoint.SizeMediaType;
            return response.StatusCode == HttpStatusCode.Conflict && !sized
                ? (WitnessVerdict.Unprocessable, body)
                : ((WitnessVerdict)(int)response.StatusCode, body);
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !cancel.IsCancellationRequested)
        {
            _seen = null;
            throw new AnchorException(
                $"The witness '{witness.Name}' does not answer: {e.Message}",
                contradicts: false,
                e
            );
        }
    }

    private string Cosignature(string note, string body)
    {
        foreach (var line in body.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            try
            {
                if (SignedNote.Parse(note).With(NoteSignature.Parse(line)).SignatureOf(witness.Key) is { } signature)
                {
                    return signature.ToLine() + "\n";
                }
            }
            catch (FormatException)
            {
                // Another line may be the one.
            }
        }

        _seen = null;
        throw new AnchorException($"The witness '{witness.Name}' answers without a cosignature by its key.");
    }

    private static Uri AddressOf(PolicyWitness witness) =>
        witness.Url ?? throw new ArgumentException("The witness has no address.", nameof(witness));
}
