using System.Diagnostics;
using Ledger.Presentation;
using Ledger.Service.Hosting;

namespace Ledger.Cli.Commands;

/// <summary>
/// Prints a page to a PDF by a Chromium of this machine, which lays pages out as a browser prints them. The page is
/// opened from its file, with no network, and a page of evidence runs nothing.
/// </summary>
internal static class PdfFile
{
    private static readonly string[] Browsers = ["chromium", "chromium-browser", "google-chrome", "microsoft-edge"];

    private static readonly string[] Unconfined = ["--no-sandbox"];

    /// <summary>Writes it.</summary>
    /// <exception cref="SetupException">No browser is found, or it fails.</exception>
    public static async Task WriteAsync(string page, string target, CancellationToken cancel)
    {
        var browser =
            Browsers.Select(Found).FirstOrDefault(file => file is not null)
            ?? throw new SetupException(Words.Spoken.Say("cli.no-browser", ("browsers", string.Join(", ", Browsers))));
        var profile = Directory.CreateTempSubdirectory("ledger-pdf-");
        try
        {
            using var printing =
                Process.Start(
                    new ProcessStartInfo(
                        browser,
                        [
                            "--headless",
                            "--disable-gpu",
                            "--no-pdf-header-footer",
                            $"--user-data-dir={profile.FullName}",
                            "--host-resolver-rules=MAP * ~NOTFOUND",
                            // Chromium refuses its sandbox to root; the page runs no script.
                            .. Environment.IsPrivilegedProcess ? Unconfined : [],
                            $"--print-to-pdf={Path.GetFullPath(target)}",
                            new Uri(Path.GetFullPath(page)).AbsoluteUri,
                        ]
                    )
                    {
                        RedirectStandardOutput = true,
                        RedirectStandardError = true,
                    }
                ) ?? throw new SetupException(Words.Spoken.Say("cli.no-pdf", ("why", browser)));
            var said = printing.StandardError.ReadToEndAsync(cancel);
            await printing.StandardOutput.ReadToEndAsync(cancel);
            await printing.WaitForExitAsync(cancel);
            if (printing.ExitCode != 0 || !File.Exists(target))
            {
                throw new SetupException(Words.Spoken.Say("cli.no-pdf", ("why", (await said).Split('\n')[0])));
            }

            File.SetUnixFileMode(target, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
        finally
        {
            profile.Delete(recursive: true);
        }
    }

    private static string? Found(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists);
}
