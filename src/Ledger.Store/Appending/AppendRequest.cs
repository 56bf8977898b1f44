using Ledger.Domain;
using Ledger.Domain.Common;
using Ledger.Domain.Pseudonyms;
using Ledger.Domain.Retention;
using Ledger.Integrity;

namespace Ledger.Store.Appending;

/// <summary>What a caller is told once its event is durable.</summary>
/// <param name="Position">Where the event stands in the log.</param>
/// <param name="LeafHash">The hash that commits to it.</param>
/// <param name="RecordedAt">When the ledger learnt it.</param>
/// <param name="Event">The event as recorded.</param>
/// <param name="Repeated">Whether this request had been recorded before, and this is the first answer again.</param>
public sealed record Acknowledgement(
    long Position,
    Hash256 LeafHash,
    DateTimeOffset RecordedAt,
    LedgerEvent Event,
    bool Repeated
);

/// <summary>Something to record: a command to decide, or a fact.</summary>
public sealed class AppendRequest
{
    private AppendRequest(EventContext context, byte[] digest, ICommand command, FileKeyName? files) =>
        (Context, Digest, Command, FirstEvent, Files) = (
            context,
            digest,
            command,
            EventIds.Of(context.RequestId, 0),
            files
        );

    internal EventContext Context { get; }

    internal byte[] Digest { get; }

    internal ICommand Command { get; }

    /// <summary>
    /// The id of the first event that it makes: what tells that it was recorded before. Made here, not under the head's
    /// lock.
    /// </summary>
    internal Guid FirstEvent { get; }

    /// <summary>Which keys of files its pseudonyms were made with; null where it has none.</summary>
    internal FileKeyName? Files { get; }

    internal TaskCompletionSource<Acknowledgement> Answer { get; } =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>A command.</summary>
    /// <param name="context">Who asks, under which request id.</param>
    /// <param name="digest">
    /// What tells this request's content from another's: the same id with another digest is refused.
    /// </param>
    /// <param name="command">What is wanted.</param>
    /// <param name="files">
    /// Which keys of files its pseudonyms were made with; null where it has none. Where a file was erased since, the
    /// request is refused with <see cref="FileKeysChangedException"/>, and made again.
    /// </param>
    public static AppendRequest Of(EventContext context, byte[] digest, ICommand command, FileKeyName? files = null) =>
        new(context, digest, command, files);
}

/// <summary>A request id came again with another content.</summary>
public sealed class RequestIdReusedException(Guid requestId)
    : Exception($"The request id {requestId} was already used for another content.");
