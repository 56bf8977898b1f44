using System.Security.Cryptography;
using System.Text;
using Ledger.Domain.Common;
using Ledger.Domain.Knowing;

namespace Ledger.Domain.Anomalies;

/// <summary>
/// The ledger records what a rule found. The same finding is the same alert, whenever and by whomever it is found.
/// </summary>
/// <param name="Alert">What was found.</param>
public sealed record RaiseAlert(Alert Alert) : ICommand
{
    private static readonly AgentId Watcher = AgentId.Parse("ledger-anomalies");

    private readonly string _digest = Convert.ToHexStringLower(DigestOf(Alert));

    /// <summary>The alert's identifier.</summary>
    public AlertId Id => AlertId.Parse("anomaly-" + _digest[..24]);

    /// <inheritdoc/>
    public bool ChangesKnowledge => false;

    /// <summary>The ledger itself, under a request id that follows from the alert.</summary>
    public EventContext Context() =>
        new(new Actor(Watcher, Alert.Caf, null, Watcher), OwnRequests.Of("alert", _digest))
        {
            RecordedBy = CallerId.Ledger,
        };

    /// <inheritdoc/>
    public IReadOnlyList<LedgerEvent> Decide(Knowledge known, EventContext context, DateTimeOffset now) =>
        [
            new AnomalyDetected(
                Id,
                Alert.Rule.Name,
                Alert.Rule.Version,
                Alert.Rule.Certain,
                Alert.Caf,
                Alert.Siret,
                Alert.Agent,
                Alert.Day,
                Alert.Particulars,
                [.. Alert.Positions.Distinct().Order()],
                now
            ),
        ];

    // A certain finding is one of its use; a contextual one is one of its agent and day.
    private static byte[] DigestOf(Alert alert) =>
        SHA256.HashData(
            Encoding.UTF8.GetBytes(
                $"caf-ledger/anomaly/v2\n{alert.Rule.Name}\n{alert.Rule.Version}\n"
                    + (
                        alert.Agent is null || alert.Rule.Certain
                            ? $"{alert.Positions[0]}\n"
                            : $"{alert.Siret}/{alert.Agent}/{alert.Day:yyyy-MM-dd}\n"
                    )
            )
        );
}
