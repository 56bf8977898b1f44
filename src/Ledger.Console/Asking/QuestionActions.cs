using System.Text;
using Google.Protobuf;
using Ledger.Answers;
using Ledger.Presentation;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Ledger.Pages.Asking;

/// <summary>What an address of a question says, and what is taken away of its answer.</summary>
internal static class QuestionActions
{
    private const string Times = "fois";
    private const int MostTimes = 1_000;

    public static void MapQuestionActions(this WebApplication app)
    {
        app.MapGet("/questions/{name}/reponse.csv", CsvAsync).AddEndpointFilter(Refusals.TellAsync);
        app.MapGet("/questions/{name}/reponse.json", JsonAsync).AddEndpointFilter(Refusals.TellAsync);
        app.MapGet("/partenaires", FindPartner);
    }

    /// <summary>The text of a field in an address.</summary>
    public static string Text(HttpRequest request, string name) => $"{request.Query[name]}".Trim();

    /// <summary>How often the same question was asked.</summary>
    public static int TimesIn(HttpRequest request) =>
        int.TryParse(Text(request, Times), out var given) ? Math.Clamp(given, 1, MostTimes) : 1;

    /// <summary>The question as its address has it: what makes two of them the same.</summary>
    public static string Asked(Question question, HttpRequest request, bool again = false)
    {
        var times = TimesIn(request);
        return string.Join(
            '&',
            question
                .Fields.Select(f => (f.Name, Text: Text(request, f.Name)))
                .Where(f => f.Text.Length > 0)
                .Select(f => $"{f.Name}={Uri.EscapeDataString(f.Text)}")
                .Prepend(FormattableString.Invariant($"{Times}={(again ? times + 1 : times)}"))
                .Prepend("poser=1")
        );
    }

    /// <summary>The answer that this session was given, or a new one.</summary>
    public static Task<Answered> AnsweredAsync(
        Question question,
        Asker ask,
        Words say,
        HttpRequest request,
        CancellationToken cancel
    ) =>
        ask.OnceAsync(
            $"{question.Name}?{Asked(question, request)}&{ask.Session.Case}",
            () => question.AskAsync(ask, new Form(name => Text(request, name), say), Asker.Whatever),
            cancel
        );

    private static async Task<IResult> CsvAsync(
        string name,
        HttpRequest request,
        Asker ask,
        Words say,
        CancellationToken cancel
    )
    {
        if (Find(name, say) is not { } question)
        {
            return Results.NotFound();
        }

        var sheet = (await AnsweredAsync(question, ask, say, request, cancel)).Sheet;
        using var text = new StringWriter();
        CsvText.Write(text, say, sheet.Columns, sheet.Rows.Select(r => r.Select(c => c.Text)));
        return Results.File(Encoding.UTF8.GetBytes(text.ToString()), "text/csv; charset=utf-8", $"{name}.csv");
    }

    private static async Task<IResult> JsonAsync(
        string name,
        HttpRequest request,
        Asker ask,
        Words say,
        CancellationToken cancel
    ) =>
        Find(name, say) is { } question
            ? Results.File(
                Encoding.UTF8.GetBytes(
                    JsonFormatter.Default.Format((await AnsweredAsync(question, ask, say, request, cancel)).Message)
                ),
                "application/json",
                $"{name}.json"
            )
            : Results.NotFound();

    // The number of a partner is typed as it is read, in groups.
    private static IResult FindPartner(string? siret, string? agent)
    {
        var number = Form.Ungrouped(siret ?? string.Empty);
        var person = (agent ?? string.Empty).Trim();
        return Results.Redirect(
            number.Length == 0 ? Paths.Questions
            : person.Length == 0 ? Paths.Partner(number)
            : Paths.Agent(number, person)
        );
    }

    private static Question? Find(string name, Words say) => new Questions(say).All.FirstOrDefault(q => q.Name == name);
}
