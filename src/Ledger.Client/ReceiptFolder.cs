using System.Text;
using Caf.Ledger.V1;
using Ledger.Files;
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
        var file = Path.Combine(
            folder,
            string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{acknowledgement.Position}.receipt.json")
        );
        DurableFile.Replace(file, Encoding.UTF8.GetBytes(receipt.ToJson()));
        return file;
    }
}
