using System.Diagnostics;
using System.Text.RegularExpressions;
using Ledger.Integrity;
using Ledger.Integrity.Entries;
using Ledger.Integrity.Merkle;

namespace Ledger.Conformance;

public sealed partial class DocumentationTests
{
    [Fact]
    public async Task The_worked_example_of_the_entry_format_prints_what_it_says_and_the_code_agrees()
    {
        var document = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "entry-format.md"));
        var (script, printed) = (Block(document, "sh"), Block(document, "text"));
        (await ShellAsync(script)).ShouldBe(printed);

        var salt = Convert.FromHexString(Value(script, "salt"));
        var content = ContentHash.Of(salt, System.Text.Encoding.UTF8.GetBytes(Value(script, "content")));
        printed.ShouldStartWith($"content hash {content.ToBase64()}\n");
        var text = printed[
            (printed.IndexOf('\n', StringComparison.Ordinal) + 1)..printed.IndexOf(
                "leaf hash 0",
                StringComparison.Ordinal
            )
        ];
        var entry = Entry.Parse(System.Text.Encoding.UTF8.GetBytes(text));
        (entry.Position, entry.PreviousLeafHash, entry.ContentHash).ShouldBe((0, Hash256.Zero, content));
        var next = entry with { Position = 1, PreviousLeafHash = entry.LeafHash(), StreamVersion = 2 };
        printed.ShouldEndWith(
            $"leaf hash 0  {entry.LeafHash()}\nleaf hash 1  {next.LeafHash()}\nroot of 2    "
                + $"{Rfc6962.NodeHash(entry.LeafHash(), next.LeafHash())}\n"
        );
    }

    [Fact]
    public void Every_link_in_the_documents_leads_somewhere()
    {
        foreach (
            var file in Directory
                .EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories)
                .Append(Path.Combine(Repository.Root, "README.md"))
        )
        {
            foreach (Match link in Link().Matches(File.ReadAllText(file)))
            {
                var target = Path.Combine(Path.GetDirectoryName(file)!, link.Groups[1].Value);
                (File.Exists(target) || Directory.Exists(target)).ShouldBeTrue(
                    $"{file} links to {link.Groups[1].Value}"
                );
            }
        }
    }

    private static string Block(string document, string language) =>
        Regex.Match(document, $"```{language}\n(.*?)```", RegexOptions.Singleline).Groups[1].Value;

    private static string Value(string script, string name) =>
        Regex.Match(script, $"^{name}='?(.*?)'?$", RegexOptions.Multiline).Groups[1].Value;

    private static async Task<string> ShellAsync(string script)
    {
        using var shell = Process.Start(
            new ProcessStartInfo("bash", ["-eu", "-c", script]) { RedirectStandardOutput = true }
        )!;
        var output = await shell.StandardOutput.ReadToEndAsync();
        await shell.WaitForExitAsync();
        shell.ExitCode.ShouldBe(0);
        return output;
    }

    [GeneratedRegex(@"\]\(([^)#:]+)\)")]
    private static partial Regex Link();
}
