namespace Ledger.Service.Hosting;

/// <summary>This node is being stopped, and what it was asked is not done.</summary>
internal sealed class NodeStoppingException(Exception? cause = null)
    : Exception("This node is stopping: ask again with the same request id, here later or another node.", cause);
