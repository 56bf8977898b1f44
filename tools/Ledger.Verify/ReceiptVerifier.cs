using Ledger.Domain;
using Ledger.Integrity;
using Ledger.Integrity.Checkpoints;
using Ledger.Integrity.Entries;
using Ledger.Integrity.Merkle;
using Ledger.Integrity.Receipts;
using Ledger.Presentation;

namespace Ledger.Verify;

/// <summary>Verifies one receipt, offline: that this entry, or this leaf hash, stands in the signed log.</summary>
internal static class ReceiptVerifier
{
    /// <summary>Whether a file is a receipt that proves alone what was recorded.</summary>
    public static bool IsBundle(string receiptFile)
    {
        try
        {
            return ReceiptBundle.Looks(TextFile.Read(receiptFile));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            throw new CannotVerifyException(e.Message);
        }
    }

    /// <summary>Verifies a receipt that proves alone what was recorded, and says what that is.</summary>
    /// <exception cref="FormatException">The receipt does not hold: the message says why.</exception>
    public static string Run(string receiptFile, Func<IReadOnlyList<string>, LogKeys> keysOf, TrustPolicy? policy)
    {
        var bundle = ReceiptBundle.Parse(TextFile.Read(receiptFile));
        var (entry, checkpoint) = bundle.Verify(keysOf(bundle.Successions));
        RequirePolicy(TlogProof.Parse(bundle.Receipt), policy);
        var (context, recorded) = EventCodec.Decode(entry.EventType, bundle.Content);
        return Stands(Words.Spoken.Act(recorded, context), entry.Position, checkpoint);
    }

    /// <summary>Verifies, and says what was proved.</summary>
    /// <exception cref="CannotVerifyException">A file cannot be read, or is not what it should be.</exception>
    /// <exception cref="FormatException">The receipt does not hold: the message says why.</exception>
    public static string Run(string receiptFile, string? entryFile, string? leafHash, LogKeys keys, TrustPolicy? policy)
    {
        TlogProof receipt;
        Hash256 leaf;
        Entry? entry = null;
        try
        {
            receipt = TlogProof.Parse(TextFile.Read(receiptFile));
            if (entryFile is not null)
            {
                var bytes = File.ReadAllBytes(entryFile);
                (entry, leaf) = (Entry.Parse(bytes), Rfc6962.LeafHash(bytes));
            }
            else if (!Hash256.TryParseBase64(leafHash ?? string.Empty, out leaf))
            {
                throw new CannotVerifyException("A receipt is about an entry: --entry FILE, or --leaf-hash in base64.");
            }
        }
        catch (Exception e) when (e is IOException or FormatException or UnauthorizedAccessException)
        {
            throw new CannotVerifyException(e.Message);
        }

        var checkpoint = receipt.Verify(leaf, keys);
        RequirePolicy(receipt, policy);
        if (entry is { } told && told.Position != receipt.Index)
        {
            throw new FormatException($"The entry says position {told.Position}, the receipt {receipt.Index}.");
        }

        var what = entry is { } of
            ? Words.Spoken.Say(
                "verify.the-entry",
                ("type", of.EventType),
                ("stream", of.StreamId),
                ("at", of.RecordedAt)
            )
            : Words.Spoken.Say("verify.the-leaf");
        return Stands(what, receipt.Index, checkpoint);
    }

    private static void RequirePolicy(TlogProof receipt, TrustPolicy? policy)
    {
        if (policy?.IsSatisfiedBy(SignedNote.Parse(receipt.Note)) == false)
        {
            throw new FormatException("The checkpoint does not carry the cosignatures that the policy demands.");
        }
    }

    private static string Stands(string what, long position, Checkpoint checkpoint) =>
        Words.Spoken.Say(
            "verify.stands",
            ("what", what),
            ("position", $"{position}"),
            ("origin", checkpoint.Origin),
            ("size", checkpoint.Size)
        );
}
