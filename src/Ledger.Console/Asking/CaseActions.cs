using System.Globalization;
using Caf.Ledger.V1;
using Grpc.Core;
using Ledger.Domain.Common;
using Ledger.Presentation;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Ledger.Pages.Asking;

/// <summary>What is done in a case: it is opened, worked in, gone on with. Each step is an event.</summary>
internal static class CaseActions
{
    private const string Outcome = "outcome";
    private const string Closed = "investigation-closed";

    public static void MapCaseActions(this WebApplication app)
    {
        app.MapPost(Paths.Cases, StepAsync);
        app.MapPost("/affaires/travailler", Work);
    }

    // Her questions rest on the case from here on; the ledger says with each whether it is open.
    private static IResult Work(Asker ask, Words say, [FromForm] string? reference)
    {
        var id = (reference ?? string.Empty).Trim();
        try
        {
            ask.Session.Case = id.Length == 0 ? string.Empty : ProcedureId.Parse(id).Value;
        }
        catch (FormatException e)
        {
            ask.Session.Tell(say.Translated(e.Message));
        }

        return Results.Redirect(ask.Session.Case.Length > 0 ? Paths.Case(ask.Session.Case) : Paths.Cases);
    }

    private static async Task<IResult> StepAsync(
        Asker ask,
        Words say,
        [FromForm] string? reference,
        [FromForm] string? etape,
        [FromForm] string? texte,
        [FromForm] string? positions,
        [FromForm] string? demande,
        CancellationToken cancel
    )
    {
        var (id, step, text) = ((reference ?? "").Trim(), etape ?? string.Empty, (texte ?? string.Empty).Trim());
        var request = new TakeStepRequest
        {
            Context = ask.Context(demande),
            Procedure = id,
            Step = step,
            By = Party.Caf,
            On = LegalTime.DayOf(ask.Now).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            Text = text,
        };
        if (step is "trace-request-decided" or Closed)
        {
            request.Details.Add(Outcome, text);
        }

        request.About.AddRange(
            (positions ?? string.Empty)
                .Split([' ', ','], StringSplitOptions.RemoveEmptyEntries)
                .Select(p => long.TryParse(p, out var position) ? position : -1)
        );
        try
        {
            await ask.Ledger.Procedures.TakeStepAsync(request, cancellationToken: cancel);
            ask.Session.Answers.Forget("affaire");
            ask.Session.Answers.Forget(HomeAnswer.Name);
            if (step is "trace-request-delivered" or Closed && ask.Session.Case == id)
            {
                ask.Session.Case = string.Empty;
            }

            ask.Session.Tell(say.Say("console.step-recorded"));
            return Results.Redirect(Paths.Case(id));
        }
        catch (RpcException e)
        {
            ask.Session.Tell(say.Translated(e.Status.Detail));
            return Results.Redirect(Paths.Cases);
        }
    }
}
