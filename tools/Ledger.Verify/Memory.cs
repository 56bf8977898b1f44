using System.Text;
using System.Text.Json;
using Ledger.Files;
using Ledger.Integrity.Checkpoints;

namespace Ledger.Verify;

/// <summary>
/// The verifier's own memory: the last checkpoint that it found whole, and how it came to the keys. A later log must
/// continue it, and nobody is believed who says nothing of a key that took over.
/// </summary>
/// <param name="path">Where it is kept.</param>
/// <param name="others">Where it may have been kept under another key of the same ledger.</param>
public sealed class Memory(string path, params IReadOnlyList<string> others)
{
    private string SuccessionsPath => path + ".successions";

    /// <summary>The memory of a ledger in the user's state folder.</summary>
    public static Memory Default(LogKeys keys) =>
        new(PathOf(keys.Pinned), [.. keys.All.Select(PathOf).Except([PathOf(keys.Pinned)])]);

    /// <summary>The successions that were followed before; often none.</summary>
    /// <exception cref="CannotVerifyException">The file is there and holds something else.</exception>
    public IReadOnlyList<string> Successions() =>
        File.Exists(SuccessionsPath) ? Folders.FolderFiles.SuccessionsOf(SuccessionsPath) : [];

    /// <summary>The longest checkpoint remembered, or null at the first time.</summary>
    /// <exception cref="CannotVerifyException">A file is there and is not a checkpoint of this ledger.</exception>
    public Checkpoint? Recall(LogKeys keys) =>
        others.Prepend(path).Where(File.Exists).Select(file => Read(file, keys)).MaxBy(c => c.Size);

    /// <summary>Remembers a checkpoint, unless a longer one is remembered. The files are replaced whole.</summary>
    public void Keep(LogKeys keys, string note)
    {
        if (keys.Successions.Count > 0)
        {
            DurableFile.Replace(
                SuccessionsPath,
                JsonSerializer.SerializeToUtf8Bytes([.. keys.Successions], ReportJson.Default.StringArray)
            );
        }

        if (!(Recall(keys)?.Size > keys.Open(note).Size))
        {
            DurableFile.Replace(path, Encoding.UTF8.GetBytes(note));
        }
    }

    private static Checkpoint Read(string file, LogKeys keys)
    {
        try
        {
            return keys.Open(File.ReadAllText(file));
        }
        catch (FormatException e)
        {
            throw new CannotVerifyException($"The remembered checkpoint {file} is not this ledger's: {e.Message}");
        }
    }

    private static string PathOf(NoteVerifier key)
    {
        var state = Environment.GetEnvironmentVariable("XDG_STATE_HOME") is { Length: > 0 } set
            ? set
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state");
        var name = string.Concat(key.Name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' ? c : '_'));
        return Path.Combine(state, "ledger-verify", $"{name}-{key.KeyId:x8}.checkpoint");
    }
}
