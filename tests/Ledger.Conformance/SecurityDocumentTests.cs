using System.Text.RegularExpressions;

namespace Ledger.Conformance;

/// <summary>The security document names controls that exist.</summary>
public sealed partial class SecurityDocumentTests
{
    private static readonly string Document = File.ReadAllText(Path.Combine(Repository.Root, "docs", "security.md"));

    [Fact]
    public void Every_threat_names_its_control_and_a_test_that_exists()
    {
        var tests = Sources("tests").SelectMany(s => TestName().Matches(s)).Select(m => m.Groups[1].Value).ToHashSet();
        Document.ShouldNotContain("Not yet");
        var rows = Document[Document.IndexOf("## Threats", StringComparison.Ordinal)..]
            .Split('\n')
            .Where(l => l.StartsWith("| ", StringComparison.Ordinal))
            .Skip(1)
            .Select(l => l.Trim('|', ' ').Split(" | "))
            .ToList();
        rows.Count.ShouldBeGreaterThan(20);
        foreach (var row in rows)
        {
            row.Length.ShouldBe(3, row[0]);
            var named = Code().Matches(row[2]).Select(m => m.Groups[1].Value).ToList();
            named.ShouldNotBeEmpty(row[0]);
            named
                .Where(n => !n.StartsWith("bench:", StringComparison.Ordinal) && !tests.Contains(n))
                .ShouldBeEmpty($"'{row[0]}' names a test that is not there");
        }
    }

    [Fact]
    public void Every_rule_by_which_a_caller_is_refused_is_a_threat_that_it_controls() =>
        Sources("src")
            .SelectMany(s => Rule().Matches(s))
            .Select(m => m.Groups[1].Value)
            .Distinct()
            .Where(rule => !Document.Contains($"`{rule}`", StringComparison.Ordinal))
            .ShouldBeEmpty();

    private static IEnumerable<string> Sources(string folder) =>
        Directory
            .EnumerateFiles(Path.Combine(Repository.Root, folder), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal))
            .Select(File.ReadAllText);

    [GeneratedRegex("""NotAllowedException\(\s*"([a-z-]+)""")]
    private static partial Regex Rule();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();

    [GeneratedRegex(@"public (?:async )?(?:void|Task|Property|static void) (\w+)\(")]
    private static partial Regex TestName();
}
