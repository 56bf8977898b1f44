using System.Security.Cryptography;
using Ledger.Files;

namespace Ledger.Client.Spool;

/// <summary>The key of a spool, in a file of its owner's alone.</summary>
internal static class SpoolKey
{
    private const int Size = 32;
    private const UnixFileMode Own = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>The key in a file, made if there is none.</summary>
    /// <exception cref="IOException">It is no key, or others may read it.</exception>
    public static byte[] Load(string file)
    {
        if (!File.Exists(file))
        {
            // Of two processes one makes it, and both read the same.
            DurableFile.WriteOnce(file, RandomNumberGenerator.GetBytes(Size));
        }

        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & ~Own) != 0)
        {
            throw new IOException($"Others may read the key in {file}: chmod 600.");
        }

        return File.ReadAllBytes(file) is { Length: Size } key
            ? key
            : throw new IOException($"The key in {file} has not {Size} bytes.");
    }
}
