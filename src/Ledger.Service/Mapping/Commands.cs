using Caf.Ledger.V1;
using Google.Protobuf;
using Grpc.Core;
using Ledger.Domain.Common;
using Ledger.Service.Callers;
using Ledger.Service.Hosting;
using Ledger.Store.Appending;
using Acknowledgement = Ledger.Store.Appending.Acknowledgement;

namespace Ledger.Service.Mapping;

/// <summary>The way of every command from its request to the log.</summary>
internal static class Commands
{
    /// <summary>
    /// The request with every clear number of an allocataire replaced by a pseudonym, and each value written in one
    /// way: what may be kept, or hashed and kept.
    /// </summary>
    public static T Keyless<T>(this LedgerNode node, T request)
        where T : IMessage
    {
        var copy = request.Copy();
        Canonical.Write(copy, (caf, matricule) => node.Pseudonyms.Dossier(caf, matricule));
        return copy;
    }

    /// <summary>
    /// A message that may be changed in the place of another. What the contract does not know is left out.
    /// </summary>
    public static T Copy<T>(this T message)
        where T : IMessage =>
        (T)message.Descriptor.Parser.WithDiscardUnknownFields(true).ParseFrom(message.ToByteArray());

    /// <summary>The acknowledgement, once a checkpoint covers it if that is what was asked for.</summary>
    public static async Task<Acknowledgement> CoveredAsync(
        this LedgerNode node,
        bool covered,
        Acknowledgement ack,
        CancellationToken cancel
    )
    {
        if (covered)
        {
            await node.CoveringAsync(ack.Position, cancel);
        }

        return ack;
    }

    /// <summary>Reads the command, and has it decided and recorded.</summary>
    public static async Task<Acknowledgement> DecideAsync(
        this LedgerNode node,
        IMessage request,
        RequestContext? context,
        ServerCallContext call,
        Func<ICommand> command
    )
    {
        // The fields first: a field that breaks its rule is named before anything is made of the request.
        var files = node.Pseudonyms.FilesName;
        var decided = command();
        var ack = await node.Writer.AppendAsync(
            AppendRequest.Of(call.Asker(), Read.Digest(node.Keyless(request)), decided, files),
            call.CancellationToken,
            call.TurnTaker()
        );
        return await node.CoveredAsync(context!.Covered, ack, call.CancellationToken);
    }
}
