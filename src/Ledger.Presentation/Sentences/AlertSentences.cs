using Ledger.Domain.Common;

namespace Ledger.Presentation;

/// <summary>Says why there is an alert.</summary>
public static class AlertSentences
{
    /// <summary>The sentence of an alert.</summary>
    /// <param name="words">In which language.</param>
    /// <param name="rule">The rule that raised it.</param>
    /// <param name="siret">At which partner.</param>
    /// <param name="agent">About whom; null for nobody alone.</param>
    /// <param name="particulars">What the log keeps of it.</param>
    public static string Alert(
        this Words words,
        string rule,
        Siret siret,
        AgentId? agent,
        IReadOnlyDictionary<string, string> particulars
    )
    {
        var key = particulars.ContainsKey("reasons")
            ? particulars.ContainsKey("learnt-at")
                ? "alerts.irregular-since"
                : "alerts.irregular"
            : words.Has($"alerts.{rule}")
                ? $"alerts.{rule}"
                : "alerts.other";
        return words.Say(
            key,
            [("agent", agent), ("partner", siret), ("rule", rule), .. Particular.Of(words, particulars)]
        );
    }
}
