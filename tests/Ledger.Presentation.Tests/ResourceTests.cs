using System.Text.RegularExpressions;
using Ledger.Domain.Anomalies;
using Ledger.Domain.Common;
using Ledger.Domain.Events;
using Ledger.Domain.Procedures;
using Ledger.Domain.Rights;
using Ledger.Domain.Tests.Events;
using Ledger.Tests;

namespace Ledger.Presentation.Tests;

/// <summary>The resources: complete in both languages, and French as the French write it.</summary>
public sealed partial class ResourceTests
{
    [Fact]
    public void Every_text_is_there_in_both_languages_and_speaks_of_the_same_things()
    {
        var (french, english) = (Own(Words.French), Own(Words.English));
        french.Except(english).ShouldBeEmpty("without English");
        english.Except(french).ShouldBeEmpty("without French");
        foreach (var key in french)
        {
            Places(Words.English.Template(key)).ShouldBe(Places(Words.French.Template(key)), key);
        }
    }

    [Fact]
    public void Sentences_of_the_programs_speak_of_the_same_things_in_French()
    {
        foreach (var key in Words.French.Keys.Where(Words.IsSaid))
        {
            Numbers(Words.French.Template(key)).ShouldBe(Numbers(key), key);
        }
    }

    [Fact]
    public void Whatever_has_a_stable_name_has_its_words()
    {
        string[] wanted =
        [
            .. Enum.GetValues<Reason>().Select(r => $"reasons.{ReasonNames.Of(r)}"),
            .. AnomalyRules.All.Select(r => $"rules.{r.Name}"),
            .. AnomalyRules.All.Where(r => !r.Certain).Select(r => $"alerts.{r.Name}"),
            .. AlertOutcomes.All.Select(o => $"outcomes.{o}"),
            .. ProcedureTable.Kinds.Select(k => $"kinds.{k.Name}"),
            .. ProcedureTable.Kinds.SelectMany(k => k.Steps).Select(s => $"steps.{s.Name}"),
            .. ProcedureTable
                .Kinds.SelectMany(k => k.Deadlines)
                .SelectMany(d => new[] { $"terms.{d.From}", $"terms.{d.From}-over" }),
        ];
        wanted.Length.ShouldBeGreaterThan(100);
        wanted.Where(k => !Words.French.Has(k)).ShouldBeEmpty();
    }

    public static TheoryData<string> EventNames => [.. EventForms.All.Where(f => f.IsCurrent).Select(f => f.Name)];

    [Theory]
    [MemberData(nameof(EventNames))]
    public void Every_event_has_a_sentence_that_leaves_no_place_open(string name)
    {
        foreach (var words in new[] { Words.French, Words.English })
        {
            foreach (var (context, sample) in Samples.Of(EventForms.All.Single(f => f.Name == name).Type))
            {
                var sentence = words.Act(Whole(sample), context);
                sentence.ShouldEndWith(".");
                sentence.ShouldNotContain("{");
                sentence.ShouldNotContain("..");
            }
        }
    }

    [Fact]
    public void An_alert_of_a_rule_that_is_no_more_is_told_by_its_name() =>
        Words
            .French.Alert("old-rule", SampleHistory.Commune, AgentId.Parse("agent-1"), Particulars.None)
            .ShouldBe(
                "agent-1 : alerte « old-rule »."
                    .Replace(" :", "\u202F:")
                    .Replace("« ", "«\u202F")
                    .Replace(" »", "\u202F»")
            );

    [Fact]
    public void French_has_its_spaces_addresses_nobody_and_judges_nobody()
    {
        foreach (var key in Words.French.Keys.Where(k => !k.EndsWith(".example", StringComparison.Ordinal)))
        {
            var text = Words.French.Template(key);
            PlainSpace().IsMatch(text).ShouldBeFalse($"{key}: {text}");
            Word().IsMatch(text).ShouldBeFalse($"{key}: {text}");
            text.ShouldNotContain("''", Case.Sensitive, key);
        }
    }

    // A step says what its rule asks for.
    private static LedgerEvent Whole(LedgerEvent sample)
    {
        if (sample is not ProcedureEvent { Step: var step } e)
        {
            return sample;
        }

        var details = ProcedureTable
            .Of(ProcedureTable.NameOf(e))
            .Step.Details.ToDictionary(
                d => d,
                d => d.EndsWith("-on", StringComparison.Ordinal) ? "2026-03-01" : "a value"
            );
        return e with { Step = step with { Details = details } };
    }

    private static List<string> Own(Words words) => [.. words.Keys.Where(k => !Words.IsSaid(k)).Order()];

    private static List<string> Places(string text) =>
        [.. Place().Matches(text).Select(m => m.Value).Where(v => v != "{count}").Distinct().Order()];

    private static List<string> Numbers(string text) =>
        [.. Number().Matches(text).Select(m => m.Value).Distinct().Order()];

    [GeneratedRegex(@"\{[a-z-]+\}")]
    private static partial Regex Place();

    [GeneratedRegex(@"\{\d\}")]
    private static partial Regex Number();

    // A plain space before a sign that wants a narrow one, or inside guillemets.
    [GeneratedRegex("[« ](?<=« )| [;:!?»](?![a-z/])")]
    private static partial Regex PlainSpace();

    [GeneratedRegex(@"\b(vous|votre|vos|tu|fraude|coupable|fautif)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Word();
}
