using Ledger.Integrity.Checkpoints;
using Ledger.Store.Keys;
using Ledger.Store.Publishing;
using Ledger.Store.Schema;

namespace Ledger.Service.Keys;

/// <summary>
/// The keys of a ledger in a folder that its nodes share. Each of them sees a rotation before it signs again.
/// </summary>
public sealed class KeyRing : LedgerSigner
{
    private readonly Lock _gate = new();
    private readonly string _folder;
    private readonly IKeyVault _vault;
    private readonly TimeProvider _time;
    private readonly INoteKey? _first;
    private readonly Dictionary<string, INoteKey> _opened = [];
    private (DateTime, long) _seen;
    private State? _state;

    private KeyRing(string folder, IKeyVault vault, TimeProvider time)
    {
        (_folder, _vault, _time) = (folder, vault, time);
        _first = File.Exists(SigningKey.PathIn(folder)) ? SigningKey.LoadFrom(SigningKey.PathIn(folder), vault) : null;
    }

    /// <inheritdoc/>
    public override LogKeys Keys => Now.Keys;

    /// <summary>The rotations that are known, oldest first.</summary>
    public IReadOnlyList<Rotation> Rotations => Now.Rotations;

    private State Now => Volatile.Read(ref _state)!;

    /// <summary>Opens the keys of a folder.</summary>
    /// <exception cref="LedgerStateException">There are none, others may read them, or the vault has them not.</exception>
    public static KeyRing Open(string folder, IKeyVault vault, TimeProvider time)
    {
        var ring = new KeyRing(folder, vault, time);
        ring.Refresh();
        ring.Opened(ring.Keys.Current);
        return ring;
    }

    /// <inheritdoc/>
    public override void Refresh()
    {
        lock (_gate)
        {
            var stamp = RotationFile.StampOf(_folder);
            if (_state is not null && stamp == _seen)
            {
                return;
            }

            var rotations = RotationFile.Read(_folder);
            if (_state is { } known && !known.Rotations.All(rotations.Contains))
            {
                throw new LedgerStateException(
                    $"The key folder {_folder} no longer says which keys took over: bring back its rotations.json."
                );
            }

            var last = rotations is [.., var newest] ? Succession.Open(newest.Succession) : null;
            Volatile.Write(ref _state, new State(KeysWith(rotations, last), rotations, last));
            _seen = stamp;
        }
    }

    /// <inheritdoc/>
    public override SignedNote Sign(Checkpoint checkpoint) =>
        SignedNote.Sign(
            checkpoint.ToBody(),
            [
                // A copy that was restored may be shorter than what the key of that time signed: it signs that again.
                .. Signing().Prepend(Keys.At(checkpoint.Size)).DistinctBy(k => k.ToString()).Select(Opened),
            ]
        );

    /// <summary>The keys that sign now: two while one takes over.</summary>
    public IReadOnlyList<NoteVerifier> Signing()
    {
        var now = Now;
        return
            now is { Last: { Revokes: false } last, Rotations: [.., var rotation] }
            && _time.GetUtcNow() < rotation.BothUntil
            ? [last.Old, now.Keys.Current]
            : [now.Keys.Current];
    }

    /// <summary>The private half of a key.</summary>
    /// <exception cref="LedgerStateException">It is not there.</exception>
    internal INoteKey Opened(NoteVerifier key)
    {
        lock (_gate)
        {
            if (key.ToString() == _first?.Verifier.ToString())
            {
                return _first;
            }

            if (!_opened.TryGetValue(key.ToString(), out var opened))
            {
                _opened[key.ToString()] = opened = SigningKey.LoadFrom(SigningKey.PathIn(_folder, key), _vault);
            }

            return opened;
        }
    }

    // From the newest back: for the ledger itself a key that was revoked is one that signed until then.
    private LogKeys KeysWith(IReadOnlyList<Rotation> rotations, Succession? last)
    {
        try
        {
            return last is not null
                ? LogKeys.Following(last.New, rotations.Select(r => r.Succession))
                : _first?.Verifier ?? SigningKey.LoadFrom(SigningKey.PathIn(_folder), _vault).Verifier;
        }
        catch (FormatException e)
        {
            throw new LedgerStateException($"The rotations in {_folder} do not fit together: {e.Message}");
        }
    }

    private sealed record State(LogKeys Keys, IReadOnlyList<Rotation> Rotations, Succession? Last);
}
