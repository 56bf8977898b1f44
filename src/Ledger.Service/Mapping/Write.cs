using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using System.Collections.Frozen;
using System.Reflection;
using System.Text.Json.Serialization;
using Ledger.Domain.Rights;
using Ledger.Store.Appending;
using Wire = Caf.Ledger.V1;

namespace Ledger.Service.Mapping;

/// <summary>Writes answers.</summary>
internal static class Write
{
    private static readonly FrozenDictionary<Reason, string> ReasonNames = System.Enum.GetValues<Reason>().ToFrozenDictionary(
        r => r, r => typeof(Reason).GetField(r.ToString())!.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()!.Name);

    /// <summary>The stable name of a reason, as it is in the log.</summary>
    public static string Name(Reason reason) => ReasonNames[reason];

    public static Wire.Acknowledgement Acknowledgement(Acknowledgement ack) => new()
    {
        Position = ack.Position,
        LeafHash = ByteString.CopyFrom(ack.LeafHash.ToArray()),
        RecordedAt = ack.RecordedAt.ToTimestamp(),
        Repeated = ack.Repeated,
    };

    public static Wire.Verdict Verdict(Domain.Consultations.Verdict verdict) => new()
    {
        Authorised = verdict.Authorised,
        Reasons = { verdict.Reasons.Select(Name) },
        Habilitation = verdict.Habilitation?.Value ?? string.Empty,
        Because = { verdict.Because },
        KnownTo = verdict.KnownTo,
    };

    public static Wire.Actor Actor(Domain.Common.Actor actor)
    {
        var written = new Wire.Actor { Id = actor.Id.Value, Kind = (Wire.ActorKind)(actor.Kind + 1), BearerId = actor.Bearer?.Value ?? string.Empty };
        if (actor.Caf is { } caf)
        {
            written.Caf = caf.Value;
        }

        if (actor.Siret is { } siret)
        {
            written.Siret = siret.Value;
        }

        return written;
    }

    public static Timestamp? Bound(DateTimeOffset instant) =>
        instant == DateTimeOffset.MinValue || instant == DateTimeOffset.MaxValue ? null : instant.ToTimestamp();
}
