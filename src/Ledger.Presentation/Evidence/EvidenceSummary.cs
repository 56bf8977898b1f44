using Ledger.Integrity.Evidence;

namespace Ledger.Presentation.Evidence;

/// <summary>Says the question of evidence and its answer in a few sentences.</summary>
public static class EvidenceSummary
{
    private const int MostLearnt = 2;

    /// <summary>The question in words.</summary>
    public static string EvidenceQuestion(this Words words, EvidenceStatement said) =>
        words.Say(
            "evidence.question",
            ("caf", said.Question.Caf),
            ("about", words.About("evidence.about", said.Question.About)),
            ("period", words.Period(said.Question)),
            ("as-of", said.Question.AsOf),
            ("position", $"{said.KnownAt}")
        );

    /// <summary>The answer, in at most three sentences.</summary>
    internal static IEnumerable<string> Answer(EvidenceStory story)
    {
        var (words, uses, asked) = (story.Words, story.Consultations, story.Said.Question);
        var (about, period) = (words.About("evidence.of", asked.About), words.Period(asked));
        if (uses.Count == 0)
        {
            yield return words.Say("evidence.found-none", ("about", about), ("period", period));
        }
        else
        {
            yield return words.Say(
                "evidence.found",
                ("count", uses.Count),
                ("about", about),
                ("period", period),
                ("tally", words.Several([.. Tally(words, uses)]))
            );
        }

        var learnt = uses.SelectMany(story.LearntAfter).DistinctBy(f => f.Position).ToList();
        if (learnt.Count > 0)
        {
            yield return words.Say(
                learnt.Count > MostLearnt ? "evidence.learnt-among" : "evidence.learnt",
                ("acts", string.Join(' ', learnt.Take(MostLearnt).Select(f => words.Act(f.Event, f.Context))))
            );
        }

        var others = story.Said.About.Count - uses.Count;
        if (others > 0)
        {
            yield return words.Say("evidence.others", ("count", others));
        }
    }

    private static IEnumerable<string> Tally(Words words, IReadOnlyList<EvidenceUse> uses)
    {
        foreach (
            var (key, count) in new[]
            {
                ("regular", uses.Count(u => u.IsTold && u.WasRegular && u.IsRegular)),
                ("differing", uses.Count(u => u.Differs)),
                ("irregular", uses.Count(u => u.IsTold && !u.WasRegular && !u.IsRegular)),
                ("rectified", uses.Count(u => u.Judged.RectifiedBy is not null)),
                ("undetermined", uses.Count(u => !u.IsTold && u.Judged.RectifiedBy is null)),
            }
        )
        {
            if (count > 0)
            {
                yield return words.Say($"evidence.tally-{key}", ("count", count));
            }
        }
    }

    private static string About(this Words words, string key, EvidenceSubject about) =>
        about switch
        {
            { Matricule: { } matricule } => words.Say($"{key}-file", ("matricule", matricule), ("caf", about.Caf)),
            { Agent: { } agent } => words.Say(
                $"{key}-agent",
                ("agent", agent),
                ("partner", Words.Grouped(about.Siret ?? string.Empty))
            ),
            { Siret: { } siret } => words.Say($"{key}-partner", ("partner", Words.Grouped(siret))),
            { Service: { } service } => words.Say($"{key}-service", ("service", service)),
            _ => words.Template($"{key}-all"),
        };

    private static string Period(this Words words, EvidenceQuestion asked) =>
        (asked.From, asked.Until >= asked.AsOf) switch
        {
            (null, true) => words.Template("evidence.period-all"),
            (null, _) => words.Say("evidence.period-open", ("until", words.Bound(asked.Until))),
            ({ } from, true) => words.Say("evidence.period-from", ("from", words.Bound(from))),
            ({ } from, _) => words.Say(
                "evidence.period",
                ("from", words.Bound(from)),
                ("until", words.Bound(asked.Until))
            ),
        };
}
