using Ledger.Domain.Consultations;
using Ledger.Domain.Rights;

namespace Ledger.Presentation;

/// <summary>Says a verdict, and why a right does not hold.</summary>
public static class VerdictSentences
{
    /// <summary>A verdict on one line: that it is regular, or irregular and why, or can no longer be told.</summary>
    public static string Verdict(this Words words, Verdict verdict) =>
        verdict.Authorised ? words.Say("verdicts.authorised")
        : !verdict.IsTold ? words.Say("verdicts.undetermined")
        : words.Say("verdicts.irregular-because", ("reasons", words.Reasons(verdict.Reasons.Select(ReasonNames.Of))));

    /// <summary>Reasons by their stable names, in a row.</summary>
    public static string Reasons(this Words words, IEnumerable<string> reasons) =>
        string.Join(words.Template("names.and-also"), reasons.Select(r => Inside(words.Label("reasons", r))));

    // Inside a sentence a reason begins small, unless it begins with initials.
    private static string Inside(string label) =>
        label.Length > 1 && char.IsLower(label[1]) ? char.ToLowerInvariant(label[0]) + label[1..] : label;
}
