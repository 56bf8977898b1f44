using System.Globalization;
using System.Text;
using Caf.Ledger.V1;
using Ledger.Answers;
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
        using var text = new StringWriter();
        CsvText.Write(
            text,
            say,
            ["position", "when", "agent", "partner", "service", "profil", "purpose", "then", "afterwards"],
            answer.Consultations.Select(
                IEnumerable<string> (c) =>
                    [
                        c.Position.ToString(CultureInfo.InvariantCulture),
                        say.ShortInstant(c.OccurredAt.ToDateTimeOffset()),
                        c.Agent,
                        c.Siret,
                        c.Service,
                        c.Profil,
                        c.Purpose,
                        say.Told(c.AsKnownThen),
                        say.ToldAfterwards(c),
                    ]
            )
        );
        return Results.File(Encoding.UTF8.GetBytes(text.ToString()), "text/csv; charset=utf-8", "consultations.csv");
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
            new ExportEvidenceRequest { Asking = ask.Asking(file.Case, connu), Allocataire = ask.Allocataire(file) },
            page,
            cancel
        );

        page.Position = 0;
        return Results.File(page, "text/html; charset=utf-8", "elements-de-preuve.html");
    }
}
