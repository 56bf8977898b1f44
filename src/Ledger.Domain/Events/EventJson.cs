using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Ledger.Domain.Common;

namespace Ledger.Domain.Events;

/// <summary>
/// How events are written as JSON: members that say something, each once, nothing that follows from others, names in
/// kebab case, instants in UTC, no character escaped that need not be.
/// </summary>
internal static class EventJson
{
    private static readonly JsonSerializerOptions Exact = new(EventTypes.Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters =
        {
            new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false),
            new InstantConverter(),
        },
        TypeInfoResolver = EventTypes.Default.WithAddedModifier(OnlyWhatIsSaid),
    };

    /// <summary>How a writer of events writes.</summary>
    public static JsonWriterOptions Writing { get; } = new() { Encoder = Exact.Encoder };

    /// <summary>How a context is written.</summary>
    public static JsonTypeInfo<EventContext> Context { get; } = Of<EventContext>();

    /// <summary>How an event's form is written.</summary>
    public static JsonTypeInfo<T> Of<T>() => (JsonTypeInfo<T>)Exact.GetTypeInfo(typeof(T));

    // What follows from other members is not written, and the rest in the order in which the event declares it. What
    // may not be null must be there.
    private static void OnlyWhatIsSaid(JsonTypeInfo type)
    {
        if (type.Kind != JsonTypeInfoKind.Object)
        {
            return;
        }

        for (var i = type.Properties.Count - 1; i >= 0; i--)
        {
            var property = type.Properties[i];
            if (property.Set is null && property.AssociatedParameter is null)
            {
                type.Properties.RemoveAt(i);
            }
            else
            {
                property.Order = property.AssociatedParameter?.Position ?? int.MaxValue;
                property.IsRequired = !property.IsSetNullable;
            }
        }
    }

    // An instant is kept as exactly as PostgreSQL keeps one, and in one way.
    private sealed class InstantConverter : JsonConverter<DateTimeOffset>
    {
        private const string Form = "yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'";

        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
            DateTimeOffset.TryParseExact(
                reader.GetString(),
                Form,
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal,
                out var instant
            )
                ? instant
                : throw new JsonException("An instant is UTC, in at most six decimals, and ends with Z.");

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.UtcDateTime.ToString(Form, CultureInfo.InvariantCulture));
    }
}
