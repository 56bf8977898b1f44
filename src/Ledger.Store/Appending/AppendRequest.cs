using Ledger.Domain;
using Ledger.Domain.Common;
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

/// <summary>A clear identity that only the holder of the keys can read.</summary>
/// <param name="Dossier">The file's pseudonym.</param>
/// <param name="Payload">The identity, sealed.</param>
public sealed record SealedIdentity(string Dossier, byte[] Payload);

/// <summary>Something to record: a command to decide, or a fact.</summary>
public sealed class AppendRequest
{
    private AppendRequest(EventContext context, byte[] digest, ICommand command) =>
        (Context, Digest, Command, FirstEvent) = (context, digest, command, EventIds.Of(context.RequestId, 0));

    internal EventContext Context { get; }

    internal byte[] Digest { get; }

    internal ICommand Command { get; }

    /// <summary>
    /// The id of the first event that it makes: what tells that it was recorded before. Made here, not under the head's
    /// lock.
    /// </summary>
    internal Guid FirstEvent { get; }

    internal IReadOnlyList<SealedIdentity> Sealed { get; init; } = [];

    internal TaskCompletionSource<Acknowledgement> Answer { get; } =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>A command.</summary>
    /// <param name="context">Who asks, under which request id.</param>
    /// <param name="digest">
    /// What tells this request's content from another's: the same id with another digest is refused.
    /// </param>
    /// <param name="command">What is wanted.</param>
    /// <param name="identities">Identities in clear, sealed, to be kept beside the log.</param>
    public static AppendRequest Of(
        EventContext context,
        byte[] digest,
        ICommand command,
        IReadOnlyList<SealedIdentity>? identities = null
    ) => new(context, digest, command) { Sealed = identities ?? [] };
}

/// <summary>A request id came again with another content.</summary>
public sealed class RequestIdReusedException(Guid requestId)
    : Exception($"The request id {requestId} was already used for another content.");
