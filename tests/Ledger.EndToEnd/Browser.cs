using Microsoft.Playwright;

namespace Ledger.EndToEnd;

/// <summary>A real browser: Debian's Chromium, with no network and no window.</summary>
public sealed class Browser : IAsyncLifetime
{
    private IPlaywright _playwright = null!;
    private IBrowser _browser = null!;

    public async Task InitializeAsync()
    {
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(
            new() { ExecutablePath = Executable, Args = ["--no-sandbox"] }
        );
    }

    public async Task DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }

    /// <summary>A page of this width, of a file; whatever it asks of a network fails.</summary>
    public async Task<IPage> OpenAsync(string file, int width = 1200)
    {
        var page = await _browser.NewPageAsync(
            new()
            {
                ViewportSize = new() { Width = width, Height = 900 },
                Offline = true,
            }
        );
        await page.GotoAsync(new Uri(file).AbsoluteUri);
        return page;
    }

    /// <summary>A page of this width, of a service on this machine, in a session of its own.</summary>
    public async Task<IPage> VisitAsync(Uri address, int width = 1200)
    {
        var page = await _browser.NewPageAsync(
            new()
            {
                ViewportSize = new() { Width = width, Height = 900 },
            }
        );
        await page.GotoAsync(address.AbsoluteUri);
        return page;
    }

    private static string Executable =>
        new[] { "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome" }.FirstOrDefault(File.Exists)
        ?? throw new InvalidOperationException("No Chromium was found: tools/test installs one.");
}
