using Caf.Ledger.V1;
using Ledger.Integrity.Checkpoints;

namespace Ledger.Client;

/// <summary>
/// Receipts kept by the partner, a file each, <c>POSITION.receipt.json</c>: what the ledger can never take back.
/// </summary>
/// <param name="client">The ledger.</param>
/// <param name="key">Its public key, pinned from elsewhere than the ledger.</param>
/// <param name="folder">Where they are kept; made if missing.</param>
public sealed class ReceiptFolder(LedgerClient client, NoteVerifier key, string folder)
{
    /// <summary>Gets, checks and keeps the receipt of what was acknowledged.</summary>
    /// <returns>The file.</returns>
    /// <inheritdoc cref="LedgerClient.ReceiptAsync"/>
    public async Task<string> KeepAsync(Acknowledgement acknowledgement, CancellationToken cancel = default)
    {
        var receipt = await client.ReceiptAsync(acknowledgement, key, cancel: cancel);
        Directory.CreateDirectory(folder);
        var file = Path.Combine(
            folder,
            string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{acknowledgement.Position}.receipt.json")
        );
        await File.WriteAllTextAsync(file + ".new", receipt.ToJson(), cancel);
        File.Move(file + ".new", file, overwrite: true);
        return file;
    }
}
