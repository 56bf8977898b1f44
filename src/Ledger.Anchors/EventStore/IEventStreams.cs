namespace Ledger.Anchors.EventStore;

/// <summary>An event to append.</summary>
/// <param name="Id">The same event has the same id: appended again at the same place it is not doubled.</param>
/// <param name="Type">What it is.</param>
/// <param name="Data">Its bytes.</param>
public sealed record StreamEvent(Guid Id, string Type, ReadOnlyMemory<byte> Data);

/// <summary>An event of a stream.</summary>
/// <param name="Revision">Its place in the stream, from 0.</param>
/// <param name="Id">Its id.</param>
/// <param name="Type">What it is.</param>
/// <param name="Data">Its bytes.</param>
public sealed record RecordedStreamEvent(long Revision, Guid Id, string Type, ReadOnlyMemory<byte> Data);

/// <summary>What a mirror needs of EventStoreDB, and nothing more.</summary>
public interface IEventStreams : IAsyncDisposable
{
    /// <summary>The expected revision of a stream that is not there yet.</summary>
    const long NoStream = -1;

    /// <summary>Appends events, all or none, to a stream whose last event has this revision.</summary>
    /// <exception cref="WrongRevisionException">
    /// The stream's last event has another revision, and the events are not
    /// those that stand there.
    /// </exception>
    /// <exception cref="MirrorUnavailableException">
    /// The server does not answer, or refuses: the message says why.
    /// </exception>
    Task AppendAsync(string stream, long expectedRevision, IReadOnlyList<StreamEvent> events, CancellationToken cancel);

    /// <summary>
    /// Reads forwards from a revision on, at most <paramref name="count"/> events. A stream that is not there has none.
    /// </summary>
    /// <exception cref="MirrorUnavailableException">
    /// The server does not answer, or refuses: the message says why.
    /// </exception>
    IAsyncEnumerable<RecordedStreamEvent> ReadAsync(string stream, long from, long count, CancellationToken cancel);

    /// <summary>The last event of a stream; null when the stream is not there.</summary>
    /// <exception cref="MirrorUnavailableException">
    /// The server does not answer, or refuses: the message says why.
    /// </exception>
    Task<RecordedStreamEvent?> LastAsync(string stream, CancellationToken cancel);
}

/// <summary>A stream is not where the writer thought.</summary>
public sealed class WrongRevisionException(string stream, long expected, long? actual)
    : Exception(
        $"The last event of '{stream}' was expected to have the revision {expected}, and has "
            + $"{(actual is { } a ? $"{a}" : "none: the stream is not there")}."
    )
{
    /// <summary>The revision of the last event; null when the stream is not there.</summary>
    public long? Actual { get; } = actual;
}

/// <summary>The mirror's server does not answer, or refuses.</summary>
public sealed class MirrorUnavailableException(string message, Exception? cause = null) : Exception(message, cause);
