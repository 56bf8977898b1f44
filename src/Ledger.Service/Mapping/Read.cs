using System.Globalization;
using Caf.Ledger.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Ledger.Domain.Common;
using Ledger.Store.Pseudonyms;
using Actor = Ledger.Domain.Common.Actor;
using ActorKind = Ledger.Domain.Common.ActorKind;
using Perimeter = Ledger.Domain.Common.Perimeter;

namespace Ledger.Service.Mapping;

/// <summary>Reads fields of a request, and names the field when one breaks its rule.</summary>
internal static class Read
{
    private const int DigestSize = 16;

    /// <summary>A checked text.</summary>
    public static TText Text<TText>(string field, string value)
        where TText : struct, IText<TText> => InvalidFieldException.Naming(field, () => TText.Parse(value));

    /// <summary>A checked text that may be left out.</summary>
    public static TText? Optional<TText>(string field, string value)
        where TText : struct, IText<TText> => value.Length == 0 ? null : Text<TText>(field, value);

    /// <summary>Checked texts: at most 50, none twice.</summary>
    public static IReadOnlyList<TText> Texts<TText>(string field, IEnumerable<string> values)
        where TText : struct, IText<TText>
    {
        var texts = values.Select((value, i) => Text<TText>($"{field}[{i}]", value)).ToList();
        if (texts.Count > 50)
        {
            throw new InvalidFieldException(field, $"At most 50 are named, not {texts.Count}.");
        }

        return texts.Distinct().Count() == texts.Count
            ? texts
            : throw new InvalidFieldException(field, "None is named twice.");
    }

    /// <summary>A free text that says something.</summary>
    public static string Required(string field, string value) =>
        InvalidFieldException.Naming(field, () => TextRules.Required(value, "This text"));

    /// <summary>A free text that may be left out.</summary>
    public static string? Free(string field, string value) =>
        value.Length == 0 ? null : InvalidFieldException.Naming(field, () => TextRules.Free(value, "This text"));

    /// <summary>An opaque identifier that may be left out.</summary>
    public static string? Opaque(string field, string value) =>
        value.Length == 0
            ? null
            : InvalidFieldException.Naming(field, () => TextRules.Identifier(value, "This identifier"));

    /// <summary>A calendar date, from 1900 to 2199.</summary>
    public static DateOnly Day(string field, string value) =>
        DateOnly.TryParseExact(value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
        && day >= LegalTime.FirstDay
        && day <= LegalTime.LastDay
            ? day
            : throw new InvalidFieldException(field, "A date is yyyy-MM-dd, from 1900 to 2199.");

    /// <summary>A calendar date that may be left out.</summary>
    public static DateOnly? OptionalDay(string field, string value) => value.Length == 0 ? null : Day(field, value);

    /// <summary>An instant, from 1900 to 2199.</summary>
    public static DateTimeOffset Instant(string field, Timestamp? value)
    {
        if (value is null)
        {
            throw new InvalidFieldException(field, "The instant is required.");
        }

        try
        {
            var instant = value.ToDateTimeOffset();
            return instant.Year >= LegalTime.FirstDay.Year && instant.Year <= LegalTime.LastDay.Year
                ? instant
                : throw new InvalidFieldException(field, "An instant is from 1900 to 2199.");
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentOutOfRangeException)
        {
            throw new InvalidFieldException(field, "The instant is outside what a Timestamp may hold.");
        }
    }

    /// <summary>Checks every instant in a message, however deep: no message has a list of them.</summary>
    public static void Instants(IMessage message, string path = "")
    {
        foreach (var field in message.Descriptor.Fields.InDeclarationOrder())
        {
            switch (field.IsRepeated || field.IsMap ? null : field.Accessor.GetValue(message))
            {
                case Timestamp instant:
                    Instant(path + field.Name, instant);
                    break;
                case IMessage inner:
                    Instants(inner, $"{path}{field.Name}.");
                    break;
            }
        }
    }

    /// <summary>An instant that may be left out.</summary>
    public static DateTimeOffset? OptionalInstant(string field, Timestamp? value) =>
        value is null ? null : Instant(field, value);

    /// <summary>An instant, or another where it is left out.</summary>
    public static DateTimeOffset Instant(string field, Timestamp? value, DateTimeOffset otherwise) =>
        OptionalInstant(field, value) ?? otherwise;

    /// <summary>A UUID.</summary>
    public static Guid Uuid(string field, string value) =>
        Guid.TryParseExact(value, "D", out var id) && id != Guid.Empty
            ? id
            : throw new InvalidFieldException(
                field,
                "A UUID is required: 8-4-4-4-12 hexadecimal digits, not all zero."
            );

    /// <summary>The id of a caller's request: none of those that the ledger uses for what it records itself.</summary>
    public static Guid RequestId(string field, string value) =>
        Uuid(field, value) is var id && !OwnRequests.Owns(id)
            ? id
            : throw new InvalidFieldException(
                field,
                "A request id of version 8 that begins with 6c656467 is the ledger's own."
            );

    /// <summary>A member of an enumeration: the domain's names follow the contract's.</summary>
    public static TDomain Enum<TWire, TDomain>(string field, TWire value)
        where TWire : struct, System.Enum
        where TDomain : struct, System.Enum
    {
        var ordinal = Convert.ToInt32(value, CultureInfo.InvariantCulture) - 1;
        return System.Enum.IsDefined(typeof(TDomain), ordinal)
            ? (TDomain)System.Enum.ToObject(typeof(TDomain), ordinal)
            : throw new InvalidFieldException(field, "One of the named values is required.");
    }

    /// <summary>Which files.</summary>
    public static Perimeter Perimeter(string field, Caf.Ledger.V1.Perimeter? value, PseudonymKeys keys) =>
        value?.KindCase switch
        {
            Caf.Ledger.V1.Perimeter.KindOneofCase.WholeCaf => new Perimeter.WholeCaf(),
            Caf.Ledger.V1.Perimeter.KindOneofCase.Communes => new Perimeter.Communes(
                Some($"{field}.communes.codes", Texts<CommuneCode>($"{field}.communes.codes", value.Communes.Codes))
            ),
            Caf.Ledger.V1.Perimeter.KindOneofCase.Files => new Perimeter.Files(
                Some(
                    $"{field}.files.allocataires",
                    [
                        .. value.Files.Allocataires.Select(
                            (a, i) =>
                            {
                                var (caf, matricule) = Allocataire($"{field}.files.allocataires[{i}]", a);
                                return keys.Dossier(caf, matricule);
                            }
                        ),
                    ]
                )
            ),
            _ => throw new InvalidFieldException(field, "A perimeter is required."),
        };

    /// <summary>A list that names something, and not more than 50.</summary>
    public static IReadOnlyList<T> Some<T>(string field, IReadOnlyList<T> values) =>
        values.Count is >= 1 and <= 50
            ? values
            : throw new InvalidFieldException(field, $"From 1 to 50 are named, not {values.Count}.");

    /// <summary>Whose file.</summary>
    public static (CafCode Caf, Matricule Matricule) Allocataire(string field, Allocataire? value) =>
        value is null
            ? throw new InvalidFieldException(field, "The allocataire is required.")
            : (
                Text<CafCode>($"{field}.caf", value.Caf),
                InvalidFieldException.Naming($"{field}.matricule", () => Matricule.Parse(value.Matricule))
            );

    /// <summary>Who asks, under which request id.</summary>
    public static EventContext Context(RequestContext? context)
    {
        if (context?.Actor is not { } actor)
        {
            throw new InvalidFieldException(context is null ? "context" : "context.actor", "It is required.");
        }

        var kind = Enum<Caf.Ledger.V1.ActorKind, ActorKind>("context.actor.kind", actor.Kind);
        var read = new Actor(
            Text<AgentId>("context.actor.id", actor.Id),
            actor.OrganisationCase == Caf.Ledger.V1.Actor.OrganisationOneofCase.Caf
                ? Text<CafCode>("context.actor.caf", actor.Caf)
                : null,
            actor.OrganisationCase == Caf.Ledger.V1.Actor.OrganisationOneofCase.Siret
                ? Text<Siret>("context.actor.siret", actor.Siret)
                : null,
            Optional<AgentId>("context.actor.bearer_id", actor.BearerId)
        );
        if (read.Caf is null && read.Siret is null)
        {
            throw new InvalidFieldException(
                "context.actor",
                "An actor belongs to one organisation: a Caf or a partner."
            );
        }

        if (read.Kind != kind)
        {
            throw new InvalidFieldException(
                "context.actor",
                "A programme names its bearer, and only a programme does (art. 9.2)."
            );
        }

        return new EventContext(
            read,
            RequestId("context.request_id", context.RequestId),
            Free("context.act", context.Act),
            Free("context.correlation_id", context.CorrelationId)
        );
    }

    /// <summary>Reads a message within another: its fields are named with the path to them.</summary>
    public static T Under<T>(string parent, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (InvalidFieldException e)
        {
            throw new InvalidFieldException($"{parent}.{e.Field}", e.Message);
        }
    }

    /// <summary>The number of items on a page.</summary>
    public static int PageSize(int value) =>
        value switch
        {
            0 => 100,
            >= 1 and <= 1000 => value,
            _ => throw new InvalidFieldException("paging.size", "A page has 1 to 1000 items."),
        };

    /// <summary>
    /// What tells this request from another: its values, however they were written. The caller has made it keyless.
    /// </summary>
    public static byte[] Digest(IMessage keyless) =>
        System.Security.Cryptography.SHA256.HashData(Values(keyless))[..DigestSize];

    /// <summary>The values of a request, in one way.</summary>
    public static byte[] Values(IMessage keyless)
    {
        using var bytes = new MemoryStream();
        bytes.Write(System.Text.Encoding.UTF8.GetBytes(keyless.Descriptor.FullName + "\n"));
        using (var output = new CodedOutputStream(bytes, leaveOpen: true) { Deterministic = true })
        {
            keyless.WriteTo(output);
        }

        return bytes.ToArray();
    }
}
