using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Ledger.Integrity.Checkpoints;
using Ledger.Integrity.Entries;
using Ledger.Integrity.Merkle;
using Ledger.Integrity.Timestamps;

namespace Ledger.Integrity.Evidence;

/// <summary>An event of evidence that was proved to stand in the log.</summary>
/// <param name="Entry">Its entry.</param>
/// <param name="Content">Its content.</param>
public sealed record ProvedEvent(Entry Entry, byte[] Content);

/// <summary>What evidence was shown to be.</summary>
/// <param name="Checkpoint">The checkpoint that its events stand under.</param>
/// <param name="Said">What it says.</param>
/// <param name="Events">The events that it rests on.</param>
/// <param name="Page">The digest of the page that was issued.</param>
public sealed record ProvedEvidence(
    Checkpoint Checkpoint,
    EvidenceStatement Said,
    IReadOnlyList<ProvedEvent> Events,
    string Page
);

/// <summary>
/// Proves evidence from a public key: everything but that the answer follows from the events, which takes the rules of
/// the domain.
/// </summary>
public static class EvidenceProof
{
    private const string IssuedType = "evidence-issued.v1";

    /// <summary>
    /// The checkpoint and the events, once each is shown to stand in the log that the key signed, and the log to have
    /// committed to the statement.
    /// </summary>
    /// <exception cref="FormatException">Something does not hold: the message says what.</exception>
    public static ProvedEvidence Verify(Evidence evidence, LogKeys keys, TrustPolicy? policy)
    {
        var checkpoint = keys.OpenAlone(evidence.Checkpoint);
        if (policy?.IsSatisfiedBy(SignedNote.Parse(evidence.Checkpoint)) == false)
        {
            throw new FormatException("The checkpoint does not carry the cosignatures that the policy demands.");
        }

        if (keys.All.All(k => k.ToString() != evidence.Vkey))
        {
            throw new FormatException("The page shows another public key than the one that it holds under.");
        }

        var said = evidence.Said();
        var page = PageIssued(evidence, Proved(evidence.Issued, checkpoint));
        var events = evidence.Events.Select(e => Proved(e, checkpoint)).ToList();
        return events.Select(e => e.Entry.Position).SequenceEqual(said.About.Union(said.RestsOn).Order())
            ? new ProvedEvidence(checkpoint, said, events, page)
            : throw new FormatException(
                "The events are not those that the statement names, in the order of their positions."
            );
    }

    // The digest of the page, once the digest of the statement is shown to be the one that was issued.
    private static string PageIssued(Evidence evidence, ProvedEvent issued) =>
        issued.Entry.EventType == IssuedType
        && DigestsIn(issued.Content) is (var statement, { } page)
        && statement == EvidenceStatement.DigestOf(evidence.Statement)
            ? page
            : throw new FormatException("What is said is not what the ledger has issued.");

    private static (string? Statement, string? Page) DigestsIn(byte[] content)
    {
        using var document = JsonDocument.Parse(content);
        return
            document.RootElement.TryGetProperty("event", out var e)
            && e.TryGetProperty("digest", out var digest)
            && e.TryGetProperty("page", out var page)
            ? (digest.GetString(), page.GetString())
            : (null, null);
    }

    /// <summary>
    /// When the log was seen to hold the first so many entries: a time and a size for each timestamp, once it is shown
    /// to hold.
    /// </summary>
    /// <exception cref="FormatException">One does not hold: the message says why.</exception>
    public static IReadOnlyList<(DateTimeOffset Time, long Size)> VerifyTimestamps(
        Evidence evidence,
        LogKeys keys,
        X509Certificate2Collection roots
    )
    {
        var latest = keys.OpenAlone(evidence.Checkpoint);
        return
        [
            .. evidence.Timestamps.Select(t =>
            {
                var stamped = keys.Open(t.Note);
                if (
                    !MerkleProof.VerifyConsistency(
                        stamped.Size,
                        latest.Size,
                        stamped.Root,
                        latest.Root,
                        Hashes(t.Proof)
                    )
                )
                {
                    throw new FormatException(
                        $"The checkpoint does not continue the one of {stamped.Size} entries that was timestamped."
                    );
                }

                var timestamp = Timestamp.Parse(t.Response);
                timestamp.Verify(Encoding.UTF8.GetBytes(t.Note), roots);
                return (timestamp.Time, stamped.Size);
            }),
        ];
    }

    private static ProvedEvent Proved(EvidenceEvent e, Checkpoint checkpoint)
    {
        var bytes = Encoding.UTF8.GetBytes(e.Entry);
        var entry = Entry.Parse(bytes);
        if (e.Salt.Length != ContentHash.SaltSize || ContentHash.Of(e.Salt, e.Content) != entry.ContentHash)
        {
            throw new FormatException($"The content at position {entry.Position} is not the one that was recorded.");
        }

        return MerkleProof.VerifyInclusion(
            entry.Position,
            checkpoint.Size,
            Rfc6962.LeafHash(bytes),
            Hashes(e.Path),
            checkpoint.Root
        )
            ? new ProvedEvent(entry, e.Content)
            : throw new FormatException(
                $"The event does not stand at position {entry.Position} of the log of {checkpoint.Size} entries."
            );
    }

    private static List<Hash256> Hashes(IReadOnlyList<string> texts) =>
        [
            .. texts.Select(t =>
                Hash256.TryParseBase64(t, out var hash)
                    ? hash
                    : throw new FormatException("A hash of a proof is base64 of 32 bytes.")
            ),
        ];
}
