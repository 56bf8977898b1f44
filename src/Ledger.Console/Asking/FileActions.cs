using System.Globalization;
using System.Text;
using Caf.Ledger.V1;
using Ledger.Presentation;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Ledger.Pages.Asking;

/// <summary>What is done with a file: opened, taken away as CSV, proved.</summary>
internal static class FileActions
{
    public static void MapFileActions(this WebApplication app)
    {
        app.MapPost("/dossiers", Open);
        app.MapGet("/dossiers/{handle}/consultations.csv", CsvAsync).AddEndpointFilter(Refusals.TellAsync);
        app.MapPost("/dossiers/{handle}/preuve", EvidenceAsync).AddEndpointFilter(Refusals.TellAsync);
    }

    // The number of a file comes by a form, and stands in no address.
    private static IResult Open(Asker ask, [FromForm] string? matricule, [FromForm] string? demande)
    {
        var number = (matricule ?? string.Empty).Trim();
        return number.Length is 0 or > 64
            ? Results.Redirect(Paths.Home)
            : Results.Redirect(Paths.File(ask.Session.HandleOf(number, (demande ?? string.Empty).Trim())));
    }

    private static async Task<IResult> CsvAsync(
        string handle,
        [FromQuery(Name = "connu")] long? known,
        Asker ask,
        Words say,
        CancellationToken cancel
    )
    {
        if (ask.Session.FileOf(handle) is not { } file)
        {
            return Results.NotFound();
        }

        var answer = await ask.FileAsync(handle, file, known, cancel);
        var view = new FileView(answer, DateTimeOffset.UnixEpoch, say);
        var text = new StringBuilder("\uFEFF");
        string[] heads = ["position", "when", "agent", "partner", "service", "profil", "purpose", "then", "afterwards"];
        Line([.. heads.Select(h => say.Label("columns", h))]);
        foreach (var c in answer.Consultations)
        {
            Line([
                c.Position.ToString(CultureInfo.InvariantCulture),
                say.ShortInstant(c.OccurredAt.ToDateTimeOffset()),
                c.Agent,
                c.Siret,
                c.Service,
                c.Profil,
                c.Purpose,
                view.Verdict(c.AsKnownThen),
                c.RectifiedBy is null ? view.Verdict(c.AsKnownAt) : say.Say("answers.rectified"),
            ]);
        }

        return Results.File(Encoding.UTF8.GetBytes(text.ToString()), "text/csv; charset=utf-8", "consultations.csv");

        void Line(IReadOnlyList<string> cells) =>
            text.AppendJoin(say.Template("answers.csv-separator"), cells.Select(Cell)).Append("\r\n");
    }

    private static async Task<IResult> EvidenceAsync(
        string handle,
        Asker ask,
        [FromForm] long? connu,
        CancellationToken cancel
    )
    {
        if (ask.Session.FileOf(handle) is not { } file)
        {
            return Results.NotFound();
        }

        var page = new MemoryStream();
        await ask.Ledger.ExportEvidenceAsync(
            new ExportEvidenceRequest { Asking = ask.Asking(file.Request, connu), Allocataire = ask.Allocataire(file) },
            page,
            cancel
        );

        page.Position = 0;
        return Results.File(page, "text/html; charset=utf-8", "elements-de-preuve.html");
    }

    // What a spreadsheet would take for a formula is text.
    private static string Cell(string text)
    {
        var safe = text.Length > 0 && "=+-@\t\r".Contains(text[0]) ? $"'{text}" : text;
        return safe.AsSpan().IndexOfAny(";,\"\r\n") < 0
            ? safe
            : $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
