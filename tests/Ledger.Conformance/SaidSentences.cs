using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Ledger.Conformance;

/// <summary>
/// The English sentences of the programs that reach whoever starts or asks them: what an exception or a finding of the
/// verifier says. A place where it speaks of something is <c>{0}</c>, <c>{1}</c>.
/// </summary>
internal static partial class SaidSentences
{
    // Which argument of what is a sentence.
    private static readonly Dictionary<string, int> Sayers = new()
    {
        ["RefusedException"] = 2,
        ["InvalidFieldException"] = 1,
        ["UnknownException"] = 1,
        ["NotAllowedException"] = 1,
        ["FormatException"] = 0,
        ["SetupException"] = 0,
        ["LedgerStateException"] = 0,
        ["RestoredCopyException"] = 0,
        ["KeyUnavailableException"] = 0,
        ["KeyDestroyedException"] = 0,
        ["EmbeddedPostgresException"] = 0,
        ["CannotVerifyException"] = 0,
        ["RevokedKeyException"] = 0,
        ["OtherKeyException"] = 0,
        ["Finding"] = 3,
    };

    /// <summary>Every sentence, and where it is said.</summary>
    public static IEnumerable<(string Sentence, string Where)> In(IEnumerable<string> files) =>
        from file in files
        from node in CSharpSyntaxTree.ParseText(File.ReadAllText(file)).GetRoot().DescendantNodes()
        let said = SaidBy(node, file.Contains("/tools/Ledger.Verify/", StringComparison.Ordinal))
        where said is not null
        from sentence in Sentences(said)
        select (sentence, $"{Path.GetFileName(file)}:{node.GetLocation().GetLineSpan().StartLinePosition.Line + 1}");

    // What is made with a sentence, an exception that always says the same, and in the verifier whatever is said.
    /// <summary>Every text of a file, sentence or part of one.</summary>
    public static IEnumerable<string> AllIn(string file) =>
        CSharpSyntaxTree
            .ParseText(File.ReadAllText(file))
            .GetRoot()
            .DescendantNodes()
            .OfType<ExpressionSyntax>()
            .Where(e => e is LiteralExpressionSyntax or InterpolatedStringExpressionSyntax)
            .SelectMany(Whole);

    private static ExpressionSyntax? SaidBy(SyntaxNode node, bool isVerifier) =>
        node switch
        {
            ObjectCreationExpressionSyntax { Type: var type, ArgumentList.Arguments: var given }
                when Sayers.TryGetValue($"{type}".Split('.')[^1], out var at) && at < given.Count => given[
                at
            ].Expression,
            PrimaryConstructorBaseTypeSyntax { Type: var type, ArgumentList.Arguments: [var only, ..] }
                when $"{type}".EndsWith("Exception", StringComparison.Ordinal) => only.Expression,
            ExpressionSyntax text when isVerifier && IsWholeText(text) && IsSpeech($"{text}") => text,
            _ => null,
        };

    /// <summary>Whether a text is one that people read: words in a row, and no SQL.</summary>
    public static bool IsSpeech(string text) => Speech().IsMatch(text) && !Sql().IsMatch(text);

    private static bool IsWholeText(ExpressionSyntax node) =>
        node
            is LiteralExpressionSyntax
                or InterpolatedStringExpressionSyntax
                or BinaryExpressionSyntax
                or ConditionalExpressionSyntax
        && !node.Ancestors()
            .TakeWhile(a => a is ExpressionSyntax or InterpolationSyntax)
            .Any(a => a is BinaryExpressionSyntax or ConditionalExpressionSyntax or InterpolatedStringExpressionSyntax);

    [GeneratedRegex(@"(?<=^| )\p{L}{2,}")]
    private static partial Regex Words();

    [GeneratedRegex(@"\p{L}{3,} \p{L}+ \p{L}{2,}")]
    private static partial Regex Speech();

    [GeneratedRegex(
        @"\b(select|update|insert into|delete from|alter table|order by|begin isolation|set transaction)\b"
    )]
    private static partial Regex Sql();

    // One for each way that a condition may turn out; none where it is said elsewhere.
    private static IEnumerable<string> Sentences(ExpressionSyntax expression) => Whole(expression).Where(IsSentence);

    private static IEnumerable<string> Whole(ExpressionSyntax expression)
    {
        var places = 0;
        return Texts(expression).Where(t => t.Any(p => p is not null)).Select(Joined);

        string Joined(List<string?> parts)
        {
            places = 0;
            return string.Concat(parts.Select(p => p ?? $"{{{places++}}}"));
        }
    }

    private static bool IsSentence(string text) => Words().Count(text) > 1;

    private static IEnumerable<List<string?>> Texts(ExpressionSyntax expression) =>
        expression switch
        {
            LiteralExpressionSyntax { Token.Value: string text } =>
            [
                [text],
            ],
            ParenthesizedExpressionSyntax { Expression: var inner } => Texts(inner),
            InterpolatedStringExpressionSyntax { Contents: var contents } =>
            [
                [.. contents.Select(c => c is InterpolatedStringTextSyntax t ? t.TextToken.ValueText : null)],
            ],
            BinaryExpressionSyntax { Left: var left, Right: var right } binary
                when binary.IsKind(SyntaxKind.AddExpression) => from l in Texts(left).ToList()
            from r in Texts(right).ToList()
            select (List<string?>)[.. l, .. r],
            ConditionalExpressionSyntax { WhenTrue: var yes, WhenFalse: var no } => Texts(yes).Concat(Texts(no)),
            _ =>
            [
                [null],
            ],
        };
}
