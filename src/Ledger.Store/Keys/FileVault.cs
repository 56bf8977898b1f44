using System.Security.Cryptography;
using Ledger.Integrity.Checkpoints;

namespace Ledger.Store.Keys;

/// <summary>The secrets are in the files themselves: whoever reads the files has them.</summary>
public sealed class FileVault : IKeyVault
{
    /// <inheritdoc/>
    public (INoteKey Key, string Written) MakeSigningKey(string origin)
    {
        var key = new NoteSigner(origin, RandomNumberGenerator.GetBytes(NoteSigner.SeedSize));
        return (key, key.ToSecret());
    }

    /// <inheritdoc/>
    public INoteKey SigningKey(string written) =>
        DeviceFile.IsReference(written) ? throw new FormatException(DeviceFile.Needed) : NoteSigner.Parse(written);

    /// <inheritdoc/>
    public byte[] Seal(string name, byte[] key) => key;

    /// <inheritdoc/>
    public byte[] Open(string name, byte[] written) =>
        DeviceFile.IsSealed(written) ? throw new IOException(DeviceFile.Needed) : written;
}
