using Caf.Ledger.V1;
using Google.Protobuf;
using Grpc.Core;
using Ledger.Domain.Common;
using Ledger.Service.Hosting;
using Ledger.Store.Appending;
using Acknowledgement = Ledger.Store.Appending.Acknowledgement;

namespace Ledger.Service.Mapping;

/// <summary>The way of every command from its request to the log.</summary>
internal static class Commands
{
    /// <summary>Reads who asks, then the command, and has it decided and recorded.</summary>
    public static Task<Acknowledgement> DecideAsync(
        this LedgerNode node, IMessage request, RequestContext? context, ServerCallContext call, Func<ICommand> command) =>
        node.Writer.AppendAsync(AppendRequest.Of(Read.Context(context), Read.Digest(request), command()), call.CancellationToken);
}
