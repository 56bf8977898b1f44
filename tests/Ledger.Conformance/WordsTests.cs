using System.Text.Json;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Ledger.Conformance;

/// <summary>What people read stands in the resources, and what they are told by an error is told in French.</summary>
public sealed class WordsTests
{
    private static readonly string[] Told =
    [
        "src/Ledger.Domain",
        "src/Ledger.Integrity",
        "src/Ledger.Service",
        "src/Ledger.Store",
        "src/Ledger.Anchors",
        "src/Shared",
        "tools/Ledger.Cli",
        "tools/Ledger.Verify",
    ];

    // The demo's acts are in French, as a Caf would write them.
    private const string WhatFictionalPeopleWrote = "Scenario.cs";

    [Fact]
    public void Every_sentence_that_an_error_or_a_finding_says_has_its_French()
    {
        var french = JsonSerializer.Deserialize<Dictionary<string, string>>(
            File.ReadAllText(Path.Combine(Repository.Root, "src/Ledger.Presentation/Words/fr/said.json"))
        )!;
        var said = SaidSentences.In(Told.SelectMany(Sources)).ToList();
        said.Count.ShouldBeGreaterThan(200);
        said.Where(s => !french.ContainsKey(s.Sentence)).Select(s => $"{s.Where} {s.Sentence}").ShouldBeEmpty();
        // A part of a sentence is a text of its own in the code.
        french
            .Keys.Except(said.Select(s => s.Sentence))
            .Except(Told.SelectMany(Sources).SelectMany(SaidSentences.AllIn))
            .ShouldBeEmpty("nobody says it any more");
    }

    [Fact]
    public void Nothing_that_a_person_reads_stands_in_the_code_of_the_command_line_and_of_the_pages()
    {
        var found =
            from file in new[]
            {
                "tools/Ledger.Cli",
                "src/Ledger.Presentation",
                "src/Ledger.Answers",
                "src/Ledger.Console",
            }.SelectMany(Sources)
            where Path.GetFileName(file) != WhatFictionalPeopleWrote
            from token in CSharpSyntaxTree.ParseText(File.ReadAllText(file)).GetRoot().DescendantTokens()
            where
                (SyntaxKind)token.RawKind is SyntaxKind.StringLiteralToken or SyntaxKind.InterpolatedStringTextToken
                && SaidSentences.IsSpeech(token.ValueText)
                && !IsOfAnException(token.Parent!)
            select $"{Path.GetFileName(file)}: {token.ValueText}";
        found.ShouldBeEmpty();
    }

    // An exception says English where it is thrown.
    private static bool IsOfAnException(SyntaxNode node) =>
        node.AncestorsAndSelf()
            .OfType<ObjectCreationExpressionSyntax>()
            .Any(o => $"{o.Type}".EndsWith("Exception", StringComparison.Ordinal));

    private static IEnumerable<string> Sources(string folder) =>
        Directory
            .EnumerateFiles(Path.Combine(Repository.Root, folder), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj"));
}
