namespace Ledger.Integrity.Checkpoints;

/// <summary>The key that a verifier pinned was revoked: no succession signed by it says which key is right.</summary>
/// <param name="message">Which, and what to do.</param>
public sealed class RevokedKeyException(string message) : FormatException(message);

/// <summary>
/// The keys of one ledger, in the order in which they signed: the one that is pinned, and those that successions lead
/// to from it. A checkpoint is signed by the key of its time, and no other will do for it.
/// </summary>
public sealed class LogKeys
{
    // Of each key, the size up to which the one before it signed alone.
    private readonly IReadOnlyList<(NoteVerifier Key, long From)> _keys;

    private LogKeys(
        NoteVerifier pinned,
        IReadOnlyList<(NoteVerifier Key, long From)> keys,
        IReadOnlyList<string> successions
    ) => (Pinned, _keys, Successions) = (pinned, keys, successions);

    /// <summary>The key that is trusted from elsewhere.</summary>
    public NoteVerifier Pinned { get; }

    /// <summary>The key that signs now.</summary>
    public NoteVerifier Current => _keys[^1].Key;

    /// <summary>The key that signs now, where it is another than the pinned one; null where it is that.</summary>
    public string? Followed => IsSame(Current, Pinned) ? null : Current.ToString();

    /// <summary>Every key, oldest first.</summary>
    public IEnumerable<NoteVerifier> All => _keys.Select(k => k.Key);

    /// <summary>The signed successions that lead from one to the next.</summary>
    public IReadOnlyList<string> Successions { get; }

    /// <summary>The ledger's name: its origin.</summary>
    public string Name => Pinned.Name;

    /// <summary>A key alone.</summary>
    public static implicit operator LogKeys(NoteVerifier pinned) => FromNoteVerifier(pinned);

    /// <summary>A key alone.</summary>
    public static LogKeys FromNoteVerifier(NoteVerifier pinned) => new(pinned, [(pinned, 0)], []);

    /// <summary>The keys that successions lead to from a pinned one, before it and after it.</summary>
    /// <param name="pinned">The pinned key.</param>
    /// <param name="successions">
    /// Signed successions, in any order. What is none, and those of other keys, lead nowhere and are passed over.
    /// </param>
    /// <exception cref="FormatException">Two lead on from one key, or they go back.</exception>
    /// <exception cref="RevokedKeyException">The pinned key, or one that it led to, was revoked.</exception>
    public static LogKeys Following(NoteVerifier pinned, IEnumerable<string> successions)
    {
        var read = successions.Distinct(StringComparer.Ordinal).Select(t => (Text: t, Is: Opened(t))).ToList();
        var texts = read.Where(r => r.Is is not null).Select(r => r.Text).ToList();
        var all = read.Select(r => r.Is).OfType<Succession>().ToList();
        var keys = new LinkedList<(NoteVerifier Key, long From)>([(pinned, 0)]);
        while (One(all, s => IsSame(s.New, keys.First!.Value.Key)) is { } before)
        {
            keys.First!.Value = (keys.First.Value.Key, before.From);
            keys.AddFirst((before.Old, 0));
            all.Remove(before);
        }

        while (One(all, s => IsSame(s.Old, keys.Last!.Value.Key)) is { } after)
        {
            if (after.Revokes)
            {
                throw new RevokedKeyException(
                    $"The key {after.Old} was revoked after {after.From} entries: whoever has it could name another as "
                        + "well. Get the ledger's key of today from whoever runs it, by another way, and pin that."
                );
            }

            keys.AddLast((after.New, after.From));
            all.Remove(after);
        }

        var isOrdered = keys.Zip(keys.Skip(1)).All(pair => pair.First.From <= pair.Second.From);
        return isOrdered && keys.DistinctBy(k => k.Key.ToString()).Count() == keys.Count
            ? new LogKeys(pinned, [.. keys], texts)
            : throw new FormatException("The successions of the ledger's keys go back.");
    }

    /// <summary>The checkpoint in a note that the key of its time signed.</summary>
    /// <exception cref="FormatException">
    /// The note is malformed, of another origin, not signed by that key, or a known key's signature on it is wrong.
    /// </exception>
    public Checkpoint Open(string note)
    {
        if (All.FirstOrDefault(k => k.IsCosigners) is { } cosigner)
        {
            throw new FormatException($"The key '{cosigner.Name}' is a witness's: it cannot be a ledger's.");
        }

        var signed = SignedNote.Parse(note);
        var checkpoint = Checkpoint.Parse(signed.Verify([.. All]));
        if (checkpoint.Origin != Name)
        {
            throw new FormatException($"The checkpoint is of '{checkpoint.Origin}', the key of '{Name}'.");
        }

        return signed.SignatureOf(At(checkpoint.Size)) is not null
            ? checkpoint
            : throw new FormatException(
                $"The checkpoint of {checkpoint.Size} entries is not signed by the key of its time."
            );
    }

    /// <summary>The key that signs checkpoints of a size.</summary>
    public NoteVerifier At(long size) => _keys.Last(k => k.From < size || ReferenceEquals(k.Key, _keys[0].Key)).Key;

    /// <summary>The signatures of the ledger's own keys on a note: the same whoever cosigned it since.</summary>
    public SignedNote Alone(SignedNote note) => note.OnlyBy([.. All]);

    private static Succession? Opened(string text)
    {
        try
        {
            return Succession.Open(text);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static bool IsSame(NoteVerifier one, NoteVerifier other) => one.ToString() == other.ToString();

    private static Succession? One(List<Succession> all, Func<Succession, bool> which) =>
        all.Where(which).ToList() switch
        {
            [] => null,
            [var one] => one,
            [var one, ..] => throw new FormatException($"Two successions are about the key {one.Old}."),
        };
}
