namespace Ledger.Anchors.EventStore;

/// <summary>Opens a mirror, over the client that this build has.</summary>
public static class MirrorConnection
{
    /// <summary>Opens the EventStoreDB of a connection string. Nothing is asked of it yet.</summary>
    /// <exception cref="FormatException">It is no connection string.</exception>
    public static IEventStreams Open(string connectionString, TimeProvider time)
    {
        var connection = EventStoreConnection.Parse(connectionString);
#if EVENTSTORE_CLIENT_PACKAGE
        _ = time;
        return new PackageEventStreams(connection);
#else
        return new GrpcEventStreams(connection, time);
#endif
    }
}
