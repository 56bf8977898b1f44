using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Spectre.Console;

namespace Ledger.Verify;

/// <summary>Says what came out, for people or for programs.</summary>
internal static class Report
{
    /// <summary>The option that says for whom.</summary>
    public static readonly Option<string> Output = Create();

    public static void Write(Verification verification, string output, IAnsiConsole console)
    {
        if (output == "json")
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(verification, ReportJson.Default.Verification));
            return;
        }

        foreach (var finding in verification.Findings)
        {
            var place = finding.Position is { } position ? $"position {position}" : "the log";
            var column = finding.Column is { } name ? $", {name}" : string.Empty;
            console.MarkupLineInterpolated(
                $"[red]{finding.Kind.ToString().ToUpperInvariant(), -9}[/] {place}{column}: {finding.Message}"
            );
        }

        var remembered = verification.Remembered is { } size
            ? $"continues the {size} entries remembered"
            : "nothing was remembered before";
        var witnessed = verification.Witnessed is { } cosigned
            ? $", {cosigned} under the cosignatures demanded"
            : string.Empty;
        var (read, covered) = ($"{verification.Entries} entries", verification.Covered);
        if (verification.FromMemory > 0)
        {
            var fresh = verification.Entries - verification.FromMemory;
            read =
                $"{verification.Entries} entries ({fresh} read, {verification.FromMemory} taken from the scan before)";
        }

        foreach (var position in verification.Restored)
        {
            console.WriteLine(
                $"RESTORED  position {position}: the ledger went on from a restored copy. "
                    + "What was signed beyond it is not here."
            );
        }

        if (verification.Followed is { } next)
        {
            console.WriteLine($"FOLLOWED  another key than the pinned one signs now. Pin it: {next}");
        }

        foreach (var line in Ended(verification))
        {
            console.WriteLine(line);
        }

        if (verification.Omitted > 0)
        {
            console.WriteLine($"          and {verification.Omitted} findings more");
        }

        if (verification.IsWhole)
        {
            console.Markup("[green]WHOLE[/]     ");
            console.WriteLine(
                $"{verification.Origin}: {read}, {covered} of them under a signed checkpoint{witnessed}; "
                    + $"{remembered}."
            );
        }
        else
        {
            console.Markup("[red]TAMPERED[/]  ");
            console.WriteLine(
                $"{verification.Origin}: {verification.Findings.Count} findings in {read}; {remembered}."
            );
        }
    }

    private static IEnumerable<string> Ended(Verification verification)
    {
        var ended = verification.Ended;
        var (months, files) = (ended.Where(e => !e.IsFile).ToList(), ended.Count(e => e.IsFile));
        if (months.Count > 0)
        {
            var which = months[0].Month is null
                ? string.Empty
                : $" ({string.Join(", ", months.Select(m => m.Month).Order(StringComparer.Ordinal))})";
            var lawfully = verification.EndsChecked
                ? "at their lawful end"
                : "(whether at their lawful end was not checked here)";
            yield return $"PURGED    the keys of {months.Count} months{which} were destroyed {lawfully}. "
                + "Their entries are all here.";
        }

        if (files > 0)
        {
            yield return $"ERASED    {files} files were erased by decision. Their entries are all here.";
        }
    }

    private static Option<string> Create()
    {
        var output = new Option<string>("--output")
        {
            Description = "table or json.",
            DefaultValueFactory = _ => "table",
            Recursive = true,
        };
        output.AcceptOnlyFromAmong("table", "json");
        return output;
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(Verification))]
[JsonSerializable(typeof(EvidenceFinding))]
[JsonSerializable(typeof(string[]))]
internal sealed partial class ReportJson : JsonSerializerContext;
