using Ledger.Files;
using Ledger.Integrity.Checkpoints;

namespace Ledger.Verify;

/// <summary>The verifier's own memory: the last checkpoint that it found whole. A later log must continue it.</summary>
public sealed class Memory(string path)
{
    /// <summary>The memory of a ledger in the user's state folder.</summary>
    public static Memory Default(LogKeys keys)
    {
        var state = Environment.GetEnvironmentVariable("XDG_STATE_HOME") is { Length: > 0 } set
            ? set
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state");
        var name = string.Concat(keys.Name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' ? c : '_'));
        return new Memory(Path.Combine(state, "ledger-verify", $"{name}-{keys.Pinned.KeyId:x8}.checkpoint"));
    }

    /// <summary>The checkpoint remembered, or null at the first time.</summary>
    /// <exception cref="CannotVerifyException">The file is there and is not a checkpoint of this keys.</exception>
    public Checkpoint? Recall(LogKeys keys)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            return keys.Open(File.ReadAllText(path));
        }
        catch (FormatException e)
        {
            throw new CannotVerifyException($"The remembered checkpoint {path} is not this ledger's: {e.Message}");
        }
    }

    /// <summary>Remembers a checkpoint, unless a longer one is remembered. The file is replaced whole.</summary>
    public void Keep(LogKeys keys, string note)
    {
        if (Recall(keys)?.Size > keys.Open(note).Size)
        {
            return;
        }

        DurableFile.Replace(path, System.Text.Encoding.UTF8.GetBytes(note));
    }
}
