using Ledger.Domain.Knowing;
using Ledger.Domain.Questions;
using Ledger.Domain.Reviews;

namespace Ledger.Presentation;

/// <summary>Says what a question about conventions, rights and procedures found.</summary>
public static class FindingSentences
{
    /// <summary>The sentence of a finding.</summary>
    /// <param name="words">In which language.</param>
    /// <param name="finding">What was found.</param>
    /// <param name="known">What is known: a finding may be an act that is told in its own words.</param>
    public static string Finding(this Words words, Finding finding, Knowledge known)
    {
        var values = Particular.Of(words, finding.Particulars).ToArray();
        if (finding.Particulars.TryGetValue("step", out var step))
        {
            var over = finding.Particulars["over"] == "yes" ? "-over" : string.Empty;
            return words.Say($"terms.{step}{over}", values);
        }

        if (words.Has($"findings.{finding.Kind}"))
        {
            return words.Say($"findings.{finding.Kind}", values);
        }

        var fact = known.FactAt(finding.Because[0])!;
        var act = words.Act(fact.Event, fact.Context);
        return finding.Particulars.ContainsKey("rectified-by")
            ? words.Say("findings.rectified", [("act", act), .. values])
            : act;
    }

    /// <summary>What a line of the annual review counts or judges.</summary>
    public static string Review(this Words words, ReviewLine line) =>
        words.Say(
            $"review.{line.Item}",
            ("of", words.ReviewedName(line.Item, line.Of)),
            ("outcome", line.Outcome is null ? null : words.Label("outcomes", line.Outcome))
        );

    /// <summary>The value of a line: a number, or a verdict in words.</summary>
    public static string ReviewValue(this Words words, ReviewLine line) => words.Label("review-values", line.Value);

    private static string? ReviewedName(this Words words, string item, string? of) =>
        of is null ? null
        : item == "grants-by-status" ? words.Label("review-values", words.Label("reasons", of))
        : item == "anomalies" ? words.Label("rules", of)
        : of;
}
