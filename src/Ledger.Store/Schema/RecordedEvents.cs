using JasperFx.Events;
using Ledger.Domain;
using Ledger.Domain.Common;
using Marten.Events;

namespace Ledger.Store.Schema;

/// <summary>What Marten keeps of an event: the bytes that were hashed, and those bytes only.</summary>
public interface IRecorded
{
    /// <summary>The event's content.</summary>
    byte[] Content { get; }
}

/// <summary>An event of one kind on its way to, or from, Marten.</summary>
/// <param name="Content">UTF-8 JSON, as <see cref="EventCodec"/> wrote it.</param>
public sealed record Recorded<TEvent>(byte[] Content) : IRecorded
    where TEvent : LedgerEvent;

/// <summary>
/// Tells Marten the name and the bytes of every kind of event: its serializer hands over what was written once.
/// </summary>
public static class RecordedEvents
{
    private static readonly Dictionary<string, Func<byte[], IEvent>> Factories = EventCodec.All.ToDictionary(
        e => e.Name,
        e => new Func<byte[], IEvent>(FactoryOf(e.Type).Wrap)
    );

    /// <summary>A Marten event of this name and content.</summary>
    public static IEvent Wrap(string name, byte[] content) => Factories[name](content);

    internal static void Register(IEventStoreOptions events)
    {
        foreach (var (type, name) in EventCodec.All)
        {
            FactoryOf(type).Register(events, name);
        }
    }

    private static IFactory FactoryOf(Type type) =>
        (IFactory)Activator.CreateInstance(typeof(Factory<>).MakeGenericType(type))!;

    private interface IFactory
    {
        IEvent Wrap(byte[] content);

        void Register(IEventStoreOptions events, string name);
    }

    private sealed class Factory<TEvent> : IFactory, JasperFx.Events.IEventBinarySerializer
        where TEvent : LedgerEvent
    {
        public IEvent Wrap(byte[] content) => new Event<Recorded<TEvent>>(new Recorded<TEvent>(content));

        public void Register(IEventStoreOptions events, string name)
        {
            events.MapEventType<Recorded<TEvent>>(name);
            events.UseBinarySerializer<Recorded<TEvent>>(this);
        }

        public byte[] Serialize(Type type, object data) => ((IRecorded)data).Content;

        public object Deserialize(Type type, byte[] data) => new Recorded<TEvent>(data);
    }
}
