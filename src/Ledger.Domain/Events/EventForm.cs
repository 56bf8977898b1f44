using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Ledger.Domain.Common;

namespace Ledger.Domain.Events;

/// <summary>How one version of an event is written, and what makes today's event of it.</summary>
internal abstract class EventForm(string name, Type type, bool isCurrent)
{
    /// <summary>Its name in the log, such as <c>habilitation-granted.v1</c>.</summary>
    public string Name => name;

    /// <summary>The event that it is read as.</summary>
    public Type Type => type;

    /// <summary>Whether events are still written so.</summary>
    public bool IsCurrent => isCurrent;

    /// <summary>An event that is written as it is.</summary>
    public static EventForm Of<TEvent>()
        where TEvent : LedgerEvent => new EventForm<TEvent, TEvent>((e, _) => e, (e, _) => e);

    /// <summary>The name that an event's type gives it.</summary>
    public static string NameOf(Type type) => type.GetCustomAttribute<EventNameAttribute>()!.Name;

    /// <summary>Writes an event.</summary>
    public abstract void Write(Utf8JsonWriter writer, LedgerEvent @event, EventContext context);

    /// <summary>Reads an event.</summary>
    /// <exception cref="JsonException">It has not this form.</exception>
    /// <exception cref="FormatException">It says what no event says.</exception>
    public abstract LedgerEvent Read(JsonElement json, EventContext context);
}

/// <summary>An event that is written in a form of its own.</summary>
internal sealed class EventForm<TForm, TEvent> : EventForm
    where TForm : notnull
    where TEvent : LedgerEvent
{
    private static readonly JsonTypeInfo<TForm> Json = EventJson.Of<TForm>();

    private readonly Func<TEvent, EventContext, TForm>? _down;
    private readonly Func<TForm, EventContext, TEvent> _up;

    /// <summary>The form in which events are written.</summary>
    public EventForm(Func<TEvent, EventContext, TForm> down, Func<TForm, EventContext, TEvent> up)
        : base(NameOf(typeof(TEvent)), typeof(TEvent), isCurrent: true) => (_down, _up) = (down, up);

    /// <summary>A form of earlier times: it is read and no longer written.</summary>
    public EventForm(string name, Func<TForm, EventContext, TEvent> up)
        : base(name, typeof(TEvent), isCurrent: false) => _up = up;

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, LedgerEvent @event, EventContext context) =>
        JsonSerializer.Serialize(
            writer,
            _down is null
                ? throw new InvalidOperationException($"No event is written as '{Name}' any more.")
                : _down((TEvent)@event, context),
            Json
        );

    /// <inheritdoc/>
    public override LedgerEvent Read(JsonElement json, EventContext context) =>
        json.Deserialize(Json) is { } form ? _up(form, context) : throw new JsonException("The event is empty.");
}
