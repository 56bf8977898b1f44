namespace Ledger.Store.Appending;

/// <summary>Who is told how the writer does.</summary>
public interface IWriterWatch
{
    /// <summary>A moment, to be handed back.</summary>
    long Start();

    /// <summary>The head's lock was had.</summary>
    /// <param name="since">When it was asked for.</param>
    void Locked(long since);

    /// <summary>A batch was answered.</summary>
    /// <param name="since">When it began.</param>
    /// <param name="requests">How many requests it had.</param>
    /// <param name="waiting">How many wait for the next.</param>
    void Batched(long since, int requests, int waiting);
}

/// <summary>Nobody is told.</summary>
public sealed class UnwatchedWriter : IWriterWatch
{
    /// <summary>Nobody.</summary>
    public static readonly UnwatchedWriter Instance = new();

    /// <inheritdoc/>
    public long Start() => 0;

    /// <inheritdoc/>
    public void Locked(long since) { }

    /// <inheritdoc/>
    public void Batched(long since, int requests, int waiting) { }
}
