using System.Text.RegularExpressions;

namespace Ledger.EndToEnd;

/// <summary>The evidence of the core case, as the demo leaves it.</summary>
public sealed partial class CoreCase : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ledger-core-").FullName;

    /// <summary>The page.</summary>
    public string Evidence => Path.Combine(_folder, "evidence.html");

    /// <summary>The key of the ledger that issued it.</summary>
    public string Vkey { get; private set; } = string.Empty;

    public async Task InitializeAsync()
    {
        var demo = await Programs.RunAsync(Programs.Ledger, "demo", "--lang", "fr", "--keep-evidence", Evidence);
        demo.Exit.ShouldBe(0, demo.Error);
        Vkey = Key().Match(demo.Output).Value;
    }

    public Task DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return Task.CompletedTask;
    }

    [GeneratedRegex(@"ledger\.example/caf-763\+[0-9a-f]{8}\+[A-Za-z0-9+/=]+")]
    private static partial Regex Key();
}
