using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Ledger.Presentation;
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
            var said = Words.Spoken.Say(
                "verify.finding",
                ("place", Place(finding)),
                ("message", Words.Spoken.Translated(finding.Message))
            );
            console.MarkupLineInterpolated($"[red]{Kind(finding), -9}[/] {said}");
        }

        foreach (var position in verification.Restored)
        {
            console.WriteLine(Words.Spoken.Say("verify.restored", ("position", $"{position}")));
        }

        if (verification.Followed is { } next)
        {
            console.WriteLine(Words.Spoken.Say("verify.followed", ("key", next)));
        }

        foreach (var line in Ended(verification))
        {
            console.WriteLine(line);
        }

        if (verification.ContentsRead is { } contents)
        {
            console.WriteLine(Words.Spoken.Say("verify.contents", ("count", contents)));
        }

        if (verification.Omitted > 0)
        {
            console.WriteLine(Words.Spoken.Say("verify.omitted", ("count", verification.Omitted)));
        }

        var remembered = verification.Remembered is { } size
            ? Words.Spoken.Say("verify.continues", ("count", size))
            : Words.Spoken.Say("verify.not-remembered");
        var read =
            verification.FromMemory > 0
                ? Words.Spoken.Say(
                    "verify.read-some",
                    ("count", verification.Entries),
                    ("read", verification.Entries - verification.FromMemory),
                    ("before", verification.FromMemory)
                )
                : Words.Spoken.Say("verify.read", ("count", verification.Entries));
        var witnessed = verification.Witnessed is { } cosigned
            ? Words.Spoken.Say("verify.witnessed", ("count", cosigned))
            : string.Empty;
        console.MarkupInterpolated(
            $"[{(verification.IsWhole ? "green" : "red")}]{Label(verification.IsWhole ? "whole" : "tampered")}[/]"
        );
        console.WriteLine(
            verification.IsWhole
                ? Words.Spoken.Say(
                    "verify.is-whole",
                    ("origin", verification.Origin),
                    ("read", read),
                    ("covered", verification.Covered),
                    ("witnessed", witnessed),
                    ("remembered", remembered)
                )
                : Words.Spoken.Say(
                    "verify.is-tampered",
                    ("origin", verification.Origin),
                    ("findings", Words.Spoken.Say("verify.findings", ("count", verification.Findings.Count))),
                    ("read", read),
                    ("remembered", remembered)
                )
        );
    }

    /// <summary>A verdict at the beginning of a line.</summary>
    public static string Label(string key) =>
        Words.Spoken.Template($"verify.{key}") is { Length: < 10 } label
            ? label.PadRight(10)
            : Words.Spoken.Template($"verify.{key}") + "  ";

    private static string Kind(Finding finding) => Words.Spoken.Name("finding", finding.Kind).ToUpperInvariant();

    private static string Place(Finding finding)
    {
        var place = finding.Position is { } position
            ? Words.Spoken.Say("verify.position", ("position", $"{position}"))
            : Words.Spoken.Say("verify.the-log");
        return finding.Column is { } column ? $"{place}, {column}" : place;
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
            yield return Words.Spoken.Say(
                verification.EndsChecked ? "verify.purged" : "verify.purged-unchecked",
                ("count", months.Count),
                ("which", which)
            );
        }

        if (files > 0)
        {
            yield return Words.Spoken.Say("verify.erased", ("count", files));
        }
    }

    private static Option<string> Create()
    {
        var output = new Option<string>("--output") { DefaultValueFactory = _ => "table", Recursive = true };
        output.AcceptOnlyFromAmong("table", "json");
        return output;
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(Verification))]
[JsonSerializable(typeof(EvidenceFinding))]
[JsonSerializable(typeof(string[]))]
internal sealed partial class ReportJson : JsonSerializerContext;
