using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Ledger.Domain.Common;
using Ledger.Domain.Partenariats;
using Ledger.Domain.Procedures;

namespace Ledger.Domain.Anomalies;

/// <summary>Makes of an alert the first step of its procedure, the same whenever and by whomever it is found.</summary>
public static class RaiseAlert
{
    private static readonly AgentId Watcher = AgentId.Parse("ledger-anomalies");

    /// <summary>What records the alert: its request id follows from it, so that no alert is recorded twice.</summary>
    /// <param name="alert">What was found.</param>
    /// <param name="last">The event that it was found at.</param>
    public static (EventContext Context, TakeStep Command) Of(Alert alert, Fact last)
    {
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"caf-ledger/anomaly/v1\n{alert.Rule.Name}\n{alert.Rule.Version}\n{string.Join(' ', alert.Positions)}\n"
        );
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes(text));
        var details = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["rule"] = alert.Rule.Name,
            ["version"] = alert.Rule.Version,
            ["certain"] = alert.Rule.Certain ? "yes" : "no",
            ["siret"] = alert.Siret.Value,
        };
        if (alert.Agent is { } agent)
        {
            details["agent"] = agent.Value;
        }

        var step = new ProcedureStep(
            ProcedureId.Parse("anomaly-" + Convert.ToHexStringLower(digest[..12])),
            null,
            Party.Caf,
            LegalTime.DayOf(last.RecordedAt),
            alert.Sentence,
            details,
            [.. alert.Positions.Distinct().Order()]
        );
        return (
            new EventContext(
                new Actor(Watcher, ActorKind.Programme, alert.Caf, null, Watcher),
                new Guid(digest.AsSpan(0, 16), bigEndian: true)
            ),
            new TakeStep("anomaly-detected", step)
        );
    }
}
