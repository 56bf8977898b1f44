using System.Text;
using Ledger.Presentation.Pictures;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Ledger.Pages.Layout;

/// <summary>The style and the one script, which come with the program.</summary>
internal static class Look
{
    private static readonly byte[] Style = [.. Read("console.css"), .. Encoding.UTF8.GetBytes(TimelinePicture.Style)];

    public static void MapLook(this WebApplication app)
    {
        app.MapGet("/console.css", () => Results.Bytes(Style, "text/css; charset=utf-8")).AllowAnonymous();
        app.MapGet("/console.js", () => File("console.js", "text/javascript; charset=utf-8")).AllowAnonymous();
    }

    /// <summary>A file that comes with the program.</summary>
    public static IResult File(string name, string type, string? download = null) =>
        Results.File(Read(name), type, download);

    private static byte[] Read(string name)
    {
        using var stream = typeof(Look).Assembly.GetManifestResourceStream(name)!;
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }
}
