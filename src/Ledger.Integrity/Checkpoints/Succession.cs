using System.Globalization;

namespace Ledger.Integrity.Checkpoints;

/// <summary>
/// What ties a ledger's key to the next: both sign it. Checkpoints of more entries than it names are signed by the next;
/// the key before is worth nothing for them, whoever has it, and the log that it signed until then is fixed.
/// </summary>
/// <param name="Old">The key until then.</param>
/// <param name="New">The key from then on.</param>
/// <param name="From">The size of the last checkpoint that the old key signed alone.</param>
/// <param name="Root">The root of that checkpoint.</param>
/// <param name="Revokes">Whether the old key is no longer trusted: nobody follows from it to the new one.</param>
public sealed record Succession(NoteVerifier Old, NoteVerifier New, long From, Hash256 Root, bool Revokes)
{
    private const string Title = "caf-ledger/key-succession/v1";
    private const string Rotated = "rotated";
    private const string Revoked = "revoked";

    /// <summary>Writes it, signed by both.</summary>
    /// <param name="old">The key until then.</param>
    /// <param name="next">The key from then on.</param>
    /// <param name="last">The last checkpoint that the old key signed alone.</param>
    /// <param name="revokes">Whether the old key is no longer trusted.</param>
    public static SignedNote Sign(INoteKey old, INoteKey next, Checkpoint last, bool revokes) =>
        SignedNote.Sign(new Succession(old.Verifier, next.Verifier, last.Size, last.Root, revokes).ToBody(), old, next);

    /// <summary>Reads one that both keys signed.</summary>
    /// <exception cref="FormatException">
    /// It is malformed, its keys are not of one ledger, or one of them did not sign it.
    /// </exception>
    public static Succession Open(string note)
    {
        var signed = SignedNote.Parse(note);
        var lines = signed.Body.Split('\n');
        if (
            lines is not [Title, var old, var next, var size, var hash, Rotated or Revoked, ""]
            || !long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var from)
            || !Hash256.TryParseBase64(hash, out var root)
        )
        {
            throw new FormatException($"A succession of keys is '{Title}', two keys, a checkpoint, and what it is.");
        }

        var succession = new Succession(
            NoteVerifier.Parse(old),
            NoteVerifier.Parse(next),
            from,
            root,
            lines[5] == Revoked
        );
        return
            succession.ToBody() == signed.Body
            && succession.Old.Name == succession.New.Name
            && !succession.Old.HasSameKeyAs(succession.New)
            && !succession.Old.IsCosigners
            && !succession.New.IsCosigners
            && signed.SignatureOf(succession.Old) is not null
            && signed.SignatureOf(succession.New) is not null
            ? succession
            : throw new FormatException("A succession is of two keys of one ledger, and both sign it.");
    }

    /// <summary>What is signed.</summary>
    public string ToBody() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Title}\n{Old}\n{New}\n{From}\n{Root.ToBase64()}\n{(Revokes ? Revoked : Rotated)}\n"
        );
}
