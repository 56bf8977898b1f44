using System.Text.RegularExpressions;

namespace Ledger.EndToEnd;

/// <summary>Every command that a document names is one, and takes the options that it is given there.</summary>
public sealed partial class DocumentedCommandsTests
{
    [Fact]
    public async Task Every_command_of_the_documents_exists_with_its_options()
    {
        var lines = Directory
            .EnumerateFiles(Path.Combine(Programs.Root, "docs"), "*.md")
            .Append(Path.Combine(Programs.Root, "README.md"))
            .SelectMany(file => Commands(File.ReadAllText(file)).Select(line => (File: Path.GetFileName(file), line)))
            .ToList();
        lines.Count.ShouldBeGreaterThan(40);
        var helps = new Dictionary<string, string>();
        foreach (var (file, line) in lines)
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var program = words[0] == "ledger" ? Programs.Ledger : Programs.LedgerVerify;
            string[] path = [.. words.Skip(1).TakeWhile(w => Word().IsMatch(w))];
            var (help, known) = ("", path.Length);
            for (; known >= 0 && help.Length == 0; known--)
            {
                help = await HelpAsync(helps, program, path[..known]);
            }

            help.ShouldNotBeEmpty($"{file}: {line}");
            (known + 1).ShouldBeGreaterThanOrEqualTo(Math.Min(1, path.Length), $"{file}: {line}");
            foreach (var option in words.Where(w => w.StartsWith("--", StringComparison.Ordinal)))
            {
                help.ShouldContain(
                    option.Split('=')[0].TrimEnd('.', ',', '`', ')', ';'),
                    Case.Sensitive,
                    $"{file}: {line}"
                );
            }
        }
    }

    private static async Task<string> HelpAsync(Dictionary<string, string> helps, string program, string[] path)
    {
        var key = $"{program} {string.Join(' ', path)}";
        if (!helps.TryGetValue(key, out var help))
        {
            var (exit, output, _) = await Programs.RunAsync(program, [.. path, "--help"]);
            helps[key] = help = exit == 0 ? output : string.Empty;
        }

        return help;
    }

    // A line of its own in a block, or a text between backticks.
    private static IEnumerable<string> Commands(string text) =>
        Line().Matches(text).Concat(Inline().Matches(text)).Select(m => m.Groups[1].Value.Split(" #")[0].Trim());

    [GeneratedRegex(@"^(?: {4})?(?:tools/)?(ledger(?:-verify)? [a-z][^|\n]*)$", RegexOptions.Multiline)]
    private static partial Regex Line();

    [GeneratedRegex(@"`(?:tools/)?(ledger(?:-verify)? [a-z][^`\n|]*)`")]
    private static partial Regex Inline();

    [GeneratedRegex(@"^[a-z][a-z-]*$")]
    private static partial Regex Word();
}
