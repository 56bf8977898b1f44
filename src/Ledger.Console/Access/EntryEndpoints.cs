using Ledger.Domain.Common;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Ledger.Pages.Access;

/// <summary>Signing in and out.</summary>
internal static class EntryEndpoints
{
    public static void MapEntry(this WebApplication app)
    {
        app.MapPost("/entrer/local", EnterAsync).AllowAnonymous();
        app.MapPost("/sortir", LeaveAsync);
    }

    private static async Task<IResult> EnterAsync(
        HttpContext http,
        Sessions sessions,
        LocalEntry entry,
        [FromForm] string? cle,
        [FromForm] string? caf,
        [FromForm] string? personne
    )
    {
        if (!IsCaf(caf) || !IsPerson(personne))
        {
            return Results.Redirect($"{Paths.Entry}?cle={Uri.EscapeDataString(cle ?? string.Empty)}&faux=1");
        }

        if (!entry.Use(cle))
        {
            return Results.Redirect(Paths.Entry);
        }

        await http.SignInAsync(sessions.Begin(caf!.Trim(), personne!.Trim()));
        return Results.Redirect(Paths.Home);
    }

    private static async Task<IResult> LeaveAsync(HttpContext http, Sessions sessions, [FromForm] string? sortir)
    {
        _ = sortir;
        sessions.End(http);
        await http.SignOutAsync();
        return Results.Redirect(Paths.Entry);
    }

    private static bool IsCaf(string? text) => Reads(() => CafCode.Parse((text ?? string.Empty).Trim()));

    private static bool IsPerson(string? text) => Reads(() => AgentId.Parse((text ?? string.Empty).Trim()));

    private static bool Reads<T>(Func<T> parse)
    {
        try
        {
            parse();
            return true;
        }
        catch (FormatException)
        {
            return false;
        }
    }
}
