using System.Buffers;
using System.Text.Json;
using Ledger.Domain.Common;
using Ledger.Domain.Events;

namespace Ledger.Domain;

/// <summary>
/// Writes an event and its context as the UTF-8 JSON that is stored, and reads it back:
/// <c>{"context": {…}, "event": {…}}</c>. The bytes are written once; what is hashed is what is stored. What is read is
/// exactly what its version has: a member too many or too few is an error.
/// </summary>
public static class EventCodec
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    private static readonly Dictionary<string, EventForm> ByName = EventForms.All.ToDictionary(f => f.Name);

    private static readonly Dictionary<Type, EventForm> ByType = EventForms
        .All.Where(f => f.IsCurrent)
        .ToDictionary(f => f.Type);

    /// <summary>Every kind of event, with its name in the log.</summary>
    public static IEnumerable<(Type Type, string Name)> All => ByType.Values.Select(f => (f.Type, f.Name));

    /// <summary>The name of an event in the log.</summary>
    public static string NameOf(LedgerEvent @event) => ByType[@event.GetType()].Name;

    /// <summary>The event's content: UTF-8 JSON.</summary>
    public static byte[] Encode(EventContext context, LedgerEvent @event)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer, EventJson.Writing))
        {
            writer.WriteStartObject();
            writer.WritePropertyName("context"u8);
            JsonSerializer.Serialize(writer, context, EventJson.Context);
            writer.WritePropertyName("event"u8);
            ByType[@event.GetType()].Write(writer, @event, context);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads a content.</summary>
    /// <exception cref="FormatException">The name is unknown, or the content is not that of such an event.</exception>
    public static (EventContext Context, LedgerEvent Event) Decode(string name, ReadOnlyMemory<byte> content) =>
        ByName.TryGetValue(name, out var form)
            ? Decode(form, content)
            : throw new FormatException($"No event is named '{name}'.");

    /// <summary>Reads a content of a form.</summary>
    /// <exception cref="FormatException">The content is not of it.</exception>
    internal static (EventContext Context, LedgerEvent Event) Decode(EventForm form, ReadOnlyMemory<byte> content)
    {
        try
        {
            using var document = JsonDocument.Parse(content, Strict);
            var root = document.RootElement;
            if (root.GetPropertyCount() != 2)
            {
                throw new FormatException($"The content of a '{form.Name}' has a context and an event.");
            }

            var context = root.GetProperty("context"u8).Deserialize(EventJson.Context);
            return context is null
                ? throw new FormatException($"The content of the '{form.Name}' is empty.")
                : (context, form.Read(root.GetProperty("event"u8), context));
        }
        catch (Exception e)
            when (e is JsonException or KeyNotFoundException or InvalidOperationException or NotSupportedException)
        {
            throw new FormatException($"The content is not that of a '{form.Name}': {e.Message}", e);
        }
    }
}
