using JasperFx.Events;
using Ledger.Domain;
using Ledger.Domain.Common;
using Ledger.Integrity;
using Ledger.Store.Schema;

namespace Ledger.Store.Appending;

/// <summary>An event that a batch will record.</summary>
internal sealed class Pending
{
    /// <summary>An event of a request, which names the event's place among the request's.</summary>
    public Pending(AppendRequest request, LedgerEvent @event, int index, byte[] content, long? versionBefore)
    {
        (Request, Event, Index, Content, Stream) = (request, @event, index, content, @event.Stream());
        (VersionBefore, Type) = (versionBefore, EventCodec.NameOf(@event));
        Marten = RecordedEvents.Wrap(Type, content);
        Marten.Id = index == 0 ? request.FirstEvent : EventIds.Of(request.Context.RequestId, index);
    }

    public AppendRequest Request { get; }

    public LedgerEvent Event { get; }

    public int Index { get; }

    public byte[] Content { get; }

    /// <summary>Its stream; of a journal, once it is on a page.</summary>
    public string Stream { get; set; }

    /// <summary>The event's name in the log. Marten knows it only once it has taken the event.</summary>
    public string Type { get; }

    /// <summary>The version of the stream that the event was decided on; null for a journal.</summary>
    public long? VersionBefore { get; }

    public IEvent Marten { get; }

    public long Position { get; set; }

    public long GovernancePosition { get; set; }

    public long Version { get; set; }

    public byte[] Salt { get; set; } = [];

    public Hash256 ContentHash { get; set; }

    public Hash256 LeafHash { get; set; }
}
