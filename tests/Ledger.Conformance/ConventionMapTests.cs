using System.Text.RegularExpressions;

namespace Ledger.Conformance;

/// <summary>The table that maps the convention to the code says all of it, and nothing that is not there.</summary>
public sealed partial class ConventionMapTests
{
    private static readonly string Map = File.ReadAllText(Path.Combine(Repository.Root, "docs", "convention-map.md"));

    [Fact]
    public void Every_event_of_the_log_is_in_the_table() =>
        Missing(Sources("src").SelectMany(s => EventName().Matches(s)).Select(m => m.Groups[1].Value)).ShouldBeEmpty();

    [Fact]
    public void Every_refusal_is_in_the_table() =>
        Missing(Sources("src").SelectMany(s => Refusal().Matches(s)).Select(m => m.Groups[1].Value)).ShouldBeEmpty();

    [Fact]
    public void Every_anomaly_rule_is_in_the_table()
    {
        var rules = File.ReadAllText(
            Path.Combine(Repository.Root, "src", "Ledger.Domain", "Anomalies", "AnomalyRules.cs")
        );
        var names = AnomalyRule()
            .Matches(rules)
            .Select(m => m.Groups[1].Success ? m.Groups[1].Value : m.Groups[2].Value)
            .ToList();
        names.Count.ShouldBeGreaterThan(15);
        Missing(names).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("2")]
    [InlineData("3")]
    [InlineData("4")]
    [InlineData("5.1")]
    [InlineData("6")]
    [InlineData("7")]
    [InlineData("8")]
    [InlineData("9.1")]
    [InlineData("9.2")]
    [InlineData("10.2")]
    [InlineData("11")]
    [InlineData("12")]
    [InlineData("14")]
    [InlineData("16")]
    [InlineData("17.1")]
    [InlineData("17.2")]
    [InlineData("17.3")]
    public void Every_article_that_touches_access_traces_or_deadlines_has_a_row_with_events_and_tests(string article)
    {
        var rows = Rows().Where(r => r[0].Split(',').Any(a => a.Trim() == article)).ToList();
        rows.ShouldNotBeEmpty();
        rows.ShouldAllBe(r => r[2].Contains('`') && r[4].Contains('`'));
    }

    [Fact]
    public void Every_test_of_the_table_exists()
    {
        var tests = Sources("tests").SelectMany(s => TestName().Matches(s)).Select(m => m.Groups[1].Value).ToHashSet();
        var named = Rows().SelectMany(r => Code().Matches(r[4])).Select(m => m.Groups[1].Value).ToList();
        named.Count.ShouldBeGreaterThan(40);
        named.Except(tests).ShouldBeEmpty();
    }

    [Fact]
    public void Every_rule_that_investigators_read_has_its_test_which_exists()
    {
        var rules = File.ReadAllText(Path.Combine(Repository.Root, "docs", "rules.md"));
        var named = Code().Matches(rules).Select(m => m.Groups[1].Value).ToHashSet();
        named.Count.ShouldBeGreaterThan(40);
        named
            .Except(Sources("tests").SelectMany(s => TestName().Matches(s)).Select(m => m.Groups[1].Value))
            .ShouldBeEmpty();
        rules
            .Split('\n')
            .Where(l => l.StartsWith("| ", StringComparison.Ordinal))
            .ShouldAllBe(l => l.Contains('`') || l.StartsWith("| règle |"));
    }

    [Fact]
    public void Every_test_that_the_threat_model_names_exists()
    {
        var tests = Sources("tests").SelectMany(s => TestName().Matches(s)).Select(m => m.Groups[1].Value).ToHashSet();
        var model = File.ReadAllText(Path.Combine(Repository.Root, "docs", "threat-model.md"));
        var named = Code()
            .Matches(
                model[
                    model.IndexOf("## Each attack", StringComparison.Ordinal)..model.IndexOf(
                        "## What it does not",
                        StringComparison.Ordinal
                    )
                ]
            )
            .Select(m => m.Groups[1].Value)
            .ToList();
        named.Count.ShouldBeGreaterThan(9);
        named.Except(tests).ShouldBeEmpty();
    }

    [Fact]
    public void Every_kind_of_fault_has_its_row_and_every_row_a_test_or_an_experiment_that_exists()
    {
        // How many kinds each section has: a row is added here with its test, and never left out.
        int[] kinds = [7, 6, 14, 12, 11, 8];
        var tests = Sources("tests").SelectMany(s => TestName().Matches(s)).Select(m => m.Groups[1].Value).ToHashSet();
        var experiments = ExperimentNames();
        var rows = File.ReadAllLines(Path.Combine(Repository.Root, "docs", "faults.md"))
            .Where(l => l.StartsWith("| ", StringComparison.Ordinal) && char.IsAsciiDigit(l[2]))
            .Select(l => l.Trim('|', ' ').Split(" | "))
            .ToList();
        rows.Select(r => r[0])
            .ShouldBe(kinds.SelectMany((count, i) => Enumerable.Range(1, count).Select(n => $"{i + 1}.{n}")));
        foreach (var row in rows)
        {
            var named = Code().Matches(row[3]).Select(m => m.Groups[1].Value).ToList();
            named.ShouldNotBeEmpty(row[0]);
            named
                .Where(n => !tests.Contains(n) && !experiments.Contains(n))
                .ShouldBeEmpty($"what {row[0]} names does not exist");
        }
    }

    private static HashSet<string> ExperimentNames() =>
        [
            .. ExperimentName()
                .Matches(File.ReadAllText(Path.Combine(Repository.Root, "tools", "Ledger.Bench", "Program.cs")))
                .Select(m => $"bench:{m.Groups[1].Value}"),
        ];

    private static IEnumerable<string> Missing(IEnumerable<string> names) =>
        names.Distinct().Where(n => !Map.Contains($"`{n}`", StringComparison.Ordinal));

    private static IEnumerable<string[]> Rows() =>
        Map.Split('\n')
            .Where(l => l.StartsWith("| ", StringComparison.Ordinal) && char.IsAsciiDigit(l[2]))
            .Select(l => l.Trim('|', ' ').Split(" | "));

    private static IEnumerable<string> Sources(string folder) =>
        Directory
            .EnumerateFiles(Path.Combine(Repository.Root, folder), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal))
            .Select(File.ReadAllText);

    [GeneratedRegex("""\[EventName\("([a-z-]+)\.v\d+"\)\]""")]
    private static partial Regex EventName();

    [GeneratedRegex("""new RefusedException\(\s*"([a-z-]+)"\s*,""")]
    private static partial Regex Refusal();

    [GeneratedRegex("""Contextual\("([a-z-]+)"\)|\("([a-z-]+)", "[\d.]+", \[Reason""")]
    private static partial Regex AnomalyRule();

    [GeneratedRegex(@"(?<=known =\s*\[[^\]]*)""([a-z]+)""")]
    private static partial Regex ExperimentName();

    [GeneratedRegex(@"public (?:async )?(?:void|Task|Property|static void) (\w+)\(")]
    private static partial Regex TestName();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();
}
