using System.Text;
using Caf.Ledger.V1;
using Ledger.Pages.Layout;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Ledger.Pages.Asking;

/// <summary>What is taken away to be checked elsewhere.</summary>
internal static class Downloads
{
    public static void MapDownloads(this WebApplication app)
    {
        app.MapGet("/cle.txt", KeyAsync).AddEndpointFilter(Refusals.TellAsync);
        app.MapGet("/verifier.html", () => Look.File("verifier.html", "text/html; charset=utf-8", "verifier.html"));
        app.MapGet("/actes/{position:long}/accuse.json", ReceiptAsync).AddEndpointFilter(Refusals.TellAsync);
    }

    private static async Task<IResult> KeyAsync(Asker ask, CancellationToken cancel)
    {
        var found = await ask.Ledger.Integrity.GetCheckpointAsync(new(), cancellationToken: cancel);
        return Results.File(Encoding.UTF8.GetBytes(found.Vkey + "\n"), "text/plain; charset=utf-8", "cle.txt");
    }

    private static async Task<IResult> ReceiptAsync(long position, Asker ask, CancellationToken cancel)
    {
        if (!ask.Session.WasShown(position))
        {
            return Results.NotFound();
        }

        var receipt = await ask.Ledger.Integrity.GetReceiptAsync(
            new GetReceiptRequest { Position = position },
            cancellationToken: cancel
        );
        var name = FormattableString.Invariant($"{position}.accuse.json");
        return Results.File(Encoding.UTF8.GetBytes(receipt.Bundle), "application/json", name);
    }
}
