using Ledger.Domain;
using Ledger.Domain.Procedures;
using Ledger.Domain.Retention;

namespace Ledger.Verify;

/// <summary>What the log says was done away with at its lawful end. Nothing of the log itself is gone.</summary>
/// <param name="Position">Where it is recorded.</param>
/// <param name="Month">The month whose key was destroyed; null for a file that was erased, or where contents are not at
/// hand.</param>
/// <param name="IsFile">Whether a file was erased by decision.</param>
public sealed record LawfulEnd(long Position, string? Month, bool IsFile)
{
    private const string DestroyedType = "epoch-key-destroyed.v1";
    private const string ErasedType = "file-erased.v1";

    /// <summary>What an event says of it; null for other events.</summary>
    public static LawfulEnd? Of(long position, string type, byte[]? content) =>
        type == ErasedType ? new LawfulEnd(position, null, IsFile: true)
        : type != DestroyedType ? null
        : new LawfulEnd(position, content is null ? null : MonthIn(type, content), IsFile: false);

    private static string MonthIn(string type, byte[] content) =>
        ((EpochKeyDestroyed)EventCodec.Decode(type, content).Event).Step.Details[ApplyRetention.Epoch];
}
