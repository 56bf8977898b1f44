using System.Globalization;
using Caf.Ledger.V1;
using Ledger.Presentation;

namespace Ledger.Answers;

/// <summary>How answers about consultations are told, wherever a person reads them.</summary>
internal static class FoundWords
{
    /// <summary>A verdict on one line.</summary>
    public static string Told(this Words words, Verdict verdict) =>
        verdict.Authorised ? words.Say("verdicts.authorised")
        : verdict.Forgotten ? words.Say("verdicts.undetermined")
        : words.Say("verdicts.irregular-because", ("reasons", words.Reasons(verdict.Reasons)));

    /// <summary>The verdict with the knowledge asked for; that it counts for nothing, where it was rectified.</summary>
    public static string ToldAfterwards(this Words words, ConsultationFound found) =>
        found.RectifiedBy is null ? words.Told(found.AsKnownAt) : words.Say("answers.rectified");

    /// <summary>A day of an answer, yyyy-MM-dd, in a sentence.</summary>
    public static string Day(this Words words, string day) =>
        words.Day(DateOnly.ParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture));

    /// <summary>Whether the two verdicts say different things.</summary>
    public static bool Differs(this ConsultationFound found) =>
        found.RectifiedBy is null
        && !found.AsKnownAt.Forgotten
        && found.AsKnownThen.Authorised != found.AsKnownAt.Authorised;

    /// <summary>How many consultations there are, and how many of them have verdicts that differ.</summary>
    public static string Tally(this Words words, string key, IReadOnlyCollection<ConsultationFound> found)
    {
        var differing = found.Count(Differs);
        var told = words.Say(key, ("count", found.Count));
        return differing == 0 ? told : $"{told} {words.Say("answers.differing", ("count", differing))}";
    }
}
