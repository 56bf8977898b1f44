using Ledger.Integrity.Checkpoints;

namespace Ledger.Store.Keys;

/// <summary>The files of a key folder whose secrets are in a device: they are of no use without it.</summary>
public static class DeviceFile
{
    /// <summary>What to do about one.</summary>
    internal const string Needed = "the key is in a device, and none is set up: see --pkcs11-module.";

    private const string Prefix = "PKCS11+";
    private static readonly byte[] Magic = [.. "caf-ledger/sealed/v1\n"u8];

    /// <summary>Whether the file of a signing key names one in a device.</summary>
    public static bool IsReference(string written) => written.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>Whether the file of a key is enciphered by a device.</summary>
    public static bool IsSealed(ReadOnlySpan<byte> written) => written.StartsWith(Magic);

    /// <summary>Names a key in a device by its public half.</summary>
    public static string Reference(NoteVerifier key) => Prefix + key;

    /// <summary>The public half of a key that a file names.</summary>
    /// <exception cref="FormatException">It names none.</exception>
    public static NoteVerifier KeyOf(string written) =>
        IsReference(written)
            ? NoteVerifier.Parse(written[Prefix.Length..])
            : throw new FormatException("The file names no key of a device.");

    /// <summary>What a device enciphered, as a file.</summary>
    public static byte[] Sealed(ReadOnlySpan<byte> enciphered) => [.. Magic, .. enciphered];

    /// <summary>What a device enciphered, from a file.</summary>
    public static byte[] Enciphered(ReadOnlySpan<byte> written) => written[Magic.Length..].ToArray();
}
