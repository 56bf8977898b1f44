using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Ledger.Domain;
using Ledger.Domain.Common;
using Ledger.Domain.Knowing;
using Ledger.Domain.Questions;
using Ledger.Domain.Rights;
using Ledger.Presentation;
using Ledger.Store.Appending;
using Ledger.Store.Reading;
using Wire = Caf.Ledger.V1;

namespace Ledger.Service.Mapping;

/// <summary>Writes answers.</summary>
internal static class Write
{
    public static Wire.Acknowledgement Acknowledgement(Acknowledgement ack) =>
        new()
        {
            Position = ack.Position,
            LeafHash = ByteString.CopyFrom(ack.LeafHash.ToArray()),
            RecordedAt = ack.RecordedAt.ToTimestamp(),
            Repeated = ack.Repeated,
        };

    public static Wire.Verdict Verdict(Domain.Consultations.Verdict verdict) =>
        new()
        {
            Authorised = verdict.Authorised,
            Reasons = { verdict.Reasons.Select(ReasonNames.Of) },
            Habilitation = verdict.Habilitation?.Value ?? string.Empty,
            Because = { verdict.Because },
            KnownTo = verdict.KnownTo,
            Forgotten = !verdict.IsTold,
        };

    public static Wire.Actor Actor(Domain.Common.Actor actor)
    {
        var written = new Wire.Actor
        {
            Id = actor.Id.Value,
            Kind = (Wire.ActorKind)(actor.Kind + 1),
            BearerId = actor.Bearer?.Value ?? string.Empty,
        };
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

    /// <summary>An act in the words of whoever asked, with whom and what it is about.</summary>
    public static Wire.Act Act(Fact fact, Knowledge known, Words words)
    {
        var about = Concern.Of(fact.Event, known);
        return new()
        {
            Position = fact.Position,
            RecordedAt = fact.RecordedAt.ToTimestamp(),
            Type = EventCodec.NameOf(fact.Event),
            Actor = Actor(fact.Context.Actor),
            Document = fact.Context.Act ?? string.Empty,
            Sentence = words.Act(fact.Event, fact.Context),
            RecordedBy = fact.Context.RecordedBy.Value,
            Siret = about.Siret?.Value ?? string.Empty,
            Agent = about.Agent?.Value ?? string.Empty,
            Service = about.Service?.Value ?? string.Empty,
            Profil = about.Profil?.Value ?? string.Empty,
            Habilitation = about.Habilitation?.Value ?? string.Empty,
        };
    }

    public static Wire.Finding Finding(Finding f, Knowledge known, Words words) =>
        new()
        {
            Kind = f.Kind,
            Sentence = words.Finding(f, known),
            Particulars = { f.Particulars.ToDictionary() },
            Because = { f.Because },
            Convention = f.Convention?.Value ?? string.Empty,
            Siret = f.Siret?.Value ?? string.Empty,
            Agent = f.Agent?.Value ?? string.Empty,
            Habilitation = f.Habilitation?.Value ?? string.Empty,
            On = f.On is { } on ? Day(on) : string.Empty,
            Days = f.Days ?? 0,
        };

    public static Wire.Alert Alert(AlertFound found, Words words) =>
        new()
        {
            Alert_ = found.Alert.Alert,
            Rule = found.Alert.Rule,
            RuleVersion = found.Alert.Version,
            Certain = found.Alert.Certain,
            Sentence = words.Alert(
                found.Alert.Rule,
                Siret.Parse(found.Alert.Siret),
                found.Alert.Agent is { } agent ? AgentId.Parse(agent) : null,
                found.Alert.Particulars
            ),
            Particulars = { found.Alert.Particulars.ToDictionary() },
            Caf = found.Alert.Caf,
            Siret = found.Alert.Siret,
            Agent = found.Alert.Agent ?? string.Empty,
            Because = { found.Alert.About },
            Outcome = found.Outcome ?? string.Empty,
            On = Day(found.Alert.Day),
            Position = found.Alert.Position,
        };

    public static string Day(DateOnly day) =>
        day.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);

    public static Timestamp? Bound(DateTimeOffset instant) =>
        instant == DateTimeOffset.MinValue || instant == DateTimeOffset.MaxValue ? null : instant.ToTimestamp();
}
