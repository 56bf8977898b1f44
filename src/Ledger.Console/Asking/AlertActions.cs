using Caf.Ledger.V1;
using Grpc.Core;
using Ledger.Presentation;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Ledger.Pages.Asking;

/// <summary>What is done with an alert: it is qualified, with a reason.</summary>
internal static class AlertActions
{
    public static void MapAlertActions(this WebApplication app) => app.MapPost("/alertes/qualifier", QualifyAsync);

    private static async Task<IResult> QualifyAsync(
        Asker ask,
        Words say,
        [FromForm] string? alerte,
        [FromForm] string? suite,
        [FromForm] string? motif,
        CancellationToken cancel
    )
    {
        try
        {
            await ask.Ledger.Procedures.QualifyAlertAsync(
                new QualifyAlertRequest
                {
                    Context = ask.Context(),
                    Alert = alerte ?? string.Empty,
                    Outcome = suite ?? string.Empty,
                    Reason = motif ?? string.Empty,
                },
                cancellationToken: cancel
            );
            ask.Session.Answers.Forget(HomeAnswer.Name);
            ask.Session.Tell(say.Say("console.done"));
        }
        catch (RpcException e)
        {
            ask.Session.Tell(say.Translated(e.Status.Detail));
        }

        return Results.Redirect(Paths.Alerts);
    }
}
