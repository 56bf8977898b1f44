using Ledger.Files;
using Ledger.Integrity.Checkpoints;
using Ledger.Store.Keys;
using Ledger.Store.Publishing;
using Ledger.Store.Schema;

namespace Ledger.Service.Keys;

/// <summary>One key of a ledger, as its folder has it.</summary>
/// <param name="Use">What it is for: <c>checkpoint</c>, <c>cosigner</c>, <c>pseudonyms</c>.</param>
/// <param name="Name">Which: a public key, or the name of its file.</param>
/// <param name="State"><c>signs</c>, <c>signs-until …</c>, <c>retired</c>, <c>revoked</c>; empty for others.</param>
/// <param name="Place"><c>file</c>, <c>device</c>, <c>sealed</c> (a file that a device enciphered), or <c>gone</c>.</param>
/// <param name="Problem">What is wrong; null for nothing, or where it was not looked for.</param>
public sealed record KeyStanding(string Use, string Name, string State, string Place, string? Problem);

/// <summary>The keys of a folder: what there is, and whether each is of use.</summary>
/// <param name="folder">The key folder.</param>
/// <param name="vault">What has them.</param>
/// <param name="time">The clock.</param>
public sealed class KeyInventory(string folder, IKeyVault vault, TimeProvider time)
{
    /// <summary>Every key.</summary>
    /// <param name="isTried">Whether each is tried: it signs, it is deciphered.</param>
    /// <exception cref="LedgerStateException">The folder has no signing key.</exception>
    public IReadOnlyList<KeyStanding> All(bool isTried)
    {
        var ring = KeyRing.Open(folder, vault, time);
        return
        [
            .. ring.Keys.All.Select(key => Checkpoint(ring, key, isTried)),
            .. Cosigner(isTried),
            .. Pseudonyms(isTried),
        ];
    }

    /// <summary>Whether the last checkpoint that was signed opens with these keys.</summary>
    /// <returns>What is wrong; null for nothing.</returns>
    public string? ProblemOfMemory() =>
        Problem(() => SignerMemory.In(folder).Recall(KeyRing.Open(folder, vault, time).Keys));

    private KeyStanding Checkpoint(KeyRing ring, NoteVerifier key, bool isTried)
    {
        var after = ring.Rotations.FirstOrDefault(r => Succession.Open(r.Succession).Old.ToString() == key.ToString());
        var signs = ring.Signing().Any(k => k.ToString() == key.ToString());
        var file = PathOf(key);
        return new KeyStanding(
            "checkpoint",
            key.ToString(),
            after is null ? "signs"
                : signs ? $"signs-until {after.BothUntil:u}"
                : Succession.Open(after.Succession).Revokes ? "revoked"
                : "retired",
            !File.Exists(file) ? "gone"
                : DeviceFile.IsReference(File.ReadAllText(file)) ? "device"
                : "file",
            !isTried || (!signs && !File.Exists(file)) ? null : Problem(() => SigningKey.Tried(ring.Opened(key)))
        );
    }

    // The first key has a name of its own.
    private string PathOf(NoteVerifier key) =>
        SigningKey.PathIn(folder, key) is var path && File.Exists(path) ? path : SigningKey.PathIn(folder);

    private IEnumerable<KeyStanding> Cosigner(bool isTried)
    {
        var file = SigningKey.CosignerPathIn(folder);
        if (File.Exists(file))
        {
            var name = Path.GetFileName(file);
            var problem = Problem(() =>
            {
                var key = SigningKey.LoadFrom(file, new FileVault());
                name = $"{key.Verifier.Name}+{key.Verifier.KeyId:x8}";
                return key.Sign([]);
            });
            yield return new KeyStanding("cosigner", name, "signs", "file", isTried ? problem : null);
        }
    }

    private IEnumerable<KeyStanding> Pseudonyms(bool isTried)
    {
        var keys = Path.Combine(folder, "pseudonyms");
        if (!Directory.Exists(keys))
        {
            yield break;
        }

        foreach (var file in Directory.EnumerateFiles(keys, "*.key").Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileNameWithoutExtension(file);
            var isSealed = DeviceFile.IsSealed(File.ReadAllBytes(file));
            yield return new KeyStanding(
                "pseudonyms",
                name,
                string.Empty,
                isSealed ? "sealed" : "file",
                isTried
                    ? Problem(() =>
                    {
                        PrivateFile.Require(file);
                        return vault.Open(name, File.ReadAllBytes(file));
                    })
                    : null
            );
        }
    }

    private static string? Problem<T>(Func<T> use)
    {
        try
        {
            use();
            return null;
        }
        catch (Exception e)
            when (e is IOException or UnauthorizedAccessException or FormatException or LedgerStateException)
        {
            return e.Message;
        }
    }
}
