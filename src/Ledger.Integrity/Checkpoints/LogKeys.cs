namespace Ledger.Integrity.Checkpoints;

/// <summary>The key that a verifier pinned was revoked: no succession signed by it says which key is right.</summary>
/// <param name="message">Which, and what to do.</param>
public sealed class RevokedKeyException(string message) : FormatException(message);

/// <summary>Another key of the ledger's name signed: a succession may lead to it.</summary>
/// <param name="message">What was signed.</param>
public sealed class OtherKeyException(string message) : FormatException(message);

/// <summary>
/// The keys of one ledger, in the order in which they signed: the one that is pinned, and those that successions lead
/// to from it. A checkpoint is signed by the key of its time, and no other will do for it.
/// </summary>
public sealed class LogKeys
{
    // From each key to the next.
    private readonly IReadOnlyList<Succession> _links;

    private LogKeys(NoteVerifier pinned, IReadOnlyList<Succession> links, IReadOnlyList<string> successions) =>
        (Pinned, _links, Successions) = (pinned, links, successions);

    /// <summary>The key that is trusted from elsewhere.</summary>
    public NoteVerifier Pinned { get; }

    /// <summary>The key that signs now.</summary>
    public NoteVerifier Current => _links is [.., var last] ? last.New : Pinned;

    /// <summary>The key that signs now, where it is another than the pinned one; null where it is that.</summary>
    public string? Followed => IsSame(Current, Pinned) ? null : Current.ToString();

    /// <summary>Every key, oldest first.</summary>
    public IEnumerable<NoteVerifier> All => _links.Count == 0 ? [Pinned] : _links.Select(l => l.Old).Append(Current);

    /// <summary>The signed successions that lead from one to the next.</summary>
    public IReadOnlyList<string> Successions { get; }

    /// <summary>What each key signed last, as the next says: whatever the log is, it continues these.</summary>
    public IEnumerable<Checkpoint> LastOfEach => _links.Select(l => new Checkpoint(Name, l.From, l.Root));

    /// <summary>The ledger's name: its origin.</summary>
    public string Name => Pinned.Name;

    /// <summary>A key alone.</summary>
    public static implicit operator LogKeys(NoteVerifier pinned) => FromNoteVerifier(pinned);

    /// <summary>A key alone.</summary>
    public static LogKeys FromNoteVerifier(NoteVerifier pinned) => new(pinned, [], []);

    /// <summary>The keys that successions lead to from a pinned one, before it and after it.</summary>
    /// <param name="pinned">The pinned key.</param>
    /// <param name="successions">
    /// Signed successions, in any order. What is none, and those of other keys, lead nowhere and are passed over.
    /// </param>
    /// <exception cref="FormatException">Two lead on from one key, or they go back.</exception>
    /// <exception cref="RevokedKeyException">The pinned key, or one that it led to, was revoked.</exception>
    public static LogKeys Following(NoteVerifier pinned, IEnumerable<string?> successions)
    {
        // Whoever carries one may sign it again, or write its signatures in another order: it is the same.
        var all = successions
            .Select(Opened)
            .OfType<(Succession Is, string Text)>()
            .DistinctBy(s => s.Is.ToBody())
            .ToList();
        var way = new LinkedList<(Succession Is, string Text)>();

        // Two keys before this one: whoever had one of them says so falsely, and neither is believed.
        while (
            all.FindAll(s => IsSame(s.Is.New, way.First?.Value.Is.Old ?? pinned)) is [var before]
            && way.All(s => !IsSame(s.Is.New, before.Is.Old))
        )
        {
            way.AddFirst(before);
        }

        while (all.FindAll(s => IsSame(s.Is.Old, way.Last?.Value.Is.New ?? pinned)) is [_, ..] next)
        {
            if (next.Count > 1)
            {
                throw new FormatException($"Two successions are about the key {next[0].Is.Old}.");
            }

            if (next[0].Is.Revokes)
            {
                throw new RevokedKeyException(
                    $"The key {next[0].Is.Old} was revoked after {next[0].Is.From} entries: whoever has it could name "
                        + "another as well. Get the ledger's key of today from whoever runs it, by another way, and "
                        + "pin that."
                );
            }

            if (way.Any(s => IsSame(s.Is.Old, next[0].Is.New)))
            {
                throw new FormatException("The successions of the ledger's keys lead in a circle.");
            }

            way.AddLast(next[0]);
        }

        return way.Zip(way.Skip(1)).All(pair => pair.First.Is.From <= pair.Second.Is.From)
            ? new LogKeys(pinned, [.. way.Select(s => s.Is)], [.. way.Select(s => s.Text)])
            : throw new FormatException("The successions of the ledger's keys go back.");
    }

    /// <summary>
    /// The checkpoint in a note that the key of its time signed. Of a whole log: what that key signed last is held
    /// against it besides.
    /// </summary>
    /// <exception cref="OtherKeyException">Only an unknown key of the ledger's name signed it.</exception>
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
        var known = All.ToList();
        if (
            !signed.Signatures.Any(s => known.Exists(k => k.Name == s.Name && k.KeyId == s.KeyId))
            && signed.Signatures.Any(s => s.Name == Name)
        )
        {
            throw new OtherKeyException(
                "The note is signed by none of the known keys, and by another key of that name: a succession may lead to "
                    + "it (--successions)."
            );
        }

        var checkpoint = Checkpoint.Parse(signed.Verify(known));
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

    /// <summary>
    /// The same, of a checkpoint that stands alone, with no log beside it: one by a key that was revoked since may be
    /// whoever's.
    /// </summary>
    /// <exception cref="FormatException">As of <see cref="Open"/>, or its key was revoked.</exception>
    public Checkpoint OpenAlone(string note)
    {
        var checkpoint = Open(note);
        return _links.Any(l => l.Revokes && IsSame(l.Old, At(checkpoint.Size)))
            ? throw new FormatException(
                $"The checkpoint of {checkpoint.Size} entries is signed by a key that was revoked since: ask for it again."
            )
            : checkpoint;
    }

    /// <summary>Whether a succession is one of those that were followed, or leads nowhere.</summary>
    public bool Knows(string succession) =>
        Opened(succession) is not var (read, _) || _links.Any(l => l.ToBody() == read.ToBody());

    /// <summary>The key that signs checkpoints of a size.</summary>
    public NoteVerifier At(long size) => _links.FirstOrDefault(l => size <= l.From)?.Old ?? Current;

    /// <summary>The signatures of the ledger's own keys on a note: the same whoever cosigned it since.</summary>
    public SignedNote Alone(SignedNote note) => note.OnlyBy([.. All]);

    private static bool IsSame(NoteVerifier one, NoteVerifier other) => one.ToString() == other.ToString();

    private static (Succession Is, string Text)? Opened(string? text)
    {
        try
        {
            return text is null ? null : (Succession.Open(text), text);
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
