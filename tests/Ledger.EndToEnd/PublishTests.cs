using System.Diagnostics;
using System.IO.Compression;
using System.Security.Cryptography;

namespace Ledger.EndToEnd;

/// <summary>What is handed out, as those to whom it is handed use it.</summary>
public sealed class PublishTests(CoreCase core) : IClassFixture<CoreCase>, IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ledger-publish-").FullName;

    private string Out => Path.Combine(_folder, "out");

    public async Task InitializeAsync() =>
        (await RunAsync(Path.Combine(Programs.Root, "tools", "publish"), [Out])).Exit.ShouldBe(0);

    public Task DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return Task.CompletedTask;
    }

    [Fact]
    public async Task What_is_published_is_summed_runs_alone_installs_as_a_tool_and_builds_a_portal()
    {
        var named = (await File.ReadAllLinesAsync(Path.Combine(Out, "SHA256SUMS"))).Select(l => l.Split("  ")).ToList();
        named
            .Select(n => n[1])
            .Append("SHA256SUMS")
            .ShouldBe(Directory.EnumerateFiles(Out).Select(Path.GetFileName), ignoreOrder: true);
        foreach (var sum in named)
        {
            var bytes = await File.ReadAllBytesAsync(Path.Combine(Out, sum[1]));
            Convert.ToHexStringLower(SHA256.HashData(bytes)).ShouldBe(sum[0], sum[1]);
        }

        // Nothing of .NET is told where it is: the file has what it needs.
        string[] verify = ["evidence", core.Evidence, "--vkey", core.Vkey];
        string[] alone = ["-i", Path.Combine(Out, "ledger-verify-linux-x64"), .. verify];
        (await RunAsync("env", alone)).Output.ShouldStartWith("PROUVÉ");
        (await File.ReadAllBytesAsync(Path.Combine(Out, "ledger-verify-win-x64.exe")))[..2].ShouldBe("MZ"u8.ToArray());

        var tools = Path.Combine(_folder, "tools");
        string[] install = ["tool", "install", "ledger-verify", "--tool-path", tools, "--add-source", Out];
        var installed = await RunAsync("dotnet", install);
        installed.Exit.ShouldBe(0, installed.Output + installed.Error);
        (await RunAsync(Path.Combine(tools, "ledger-verify"), verify)).Output.ShouldStartWith("PROUVÉ");

        await BuildAPortalAsync();
    }

    private async Task BuildAPortalAsync()
    {
        var package = Directory.EnumerateFiles(Out, "Ledger.Client.*.nupkg").Single();
        await using (var content = await ZipFile.OpenReadAsync(package))
        {
            var names = content.Entries.Select(e => e.FullName).ToList();
            names.ShouldContain("README.md");
            names.ShouldContain("LICENSE");
            names.ShouldContain("protos/caf/ledger/v1/consultations.proto");
        }

        var portal = Directory.CreateDirectory(Path.Combine(_folder, "portal")).FullName;
        await File.WriteAllTextAsync(
            Path.Combine(portal, "Portal.csproj"),
            """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <OutputType>Exe</OutputType>
                <ImplicitUsings>enable</ImplicitUsings>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="Ledger.Client" Version="0.1.0" />
                <PackageReference Include="Microsoft.Extensions.Hosting" Version="10.0.15" />
              </ItemGroup>
            </Project>
            """
        );
        var sample = Path.Combine(Programs.Root, "tools", "samples", "csharp", "Program.cs");
        File.Copy(sample, Path.Combine(portal, "Program.cs"));
        // Packages of the same version that an earlier run left are not to be taken for these.
        string[] build = ["build", portal, "-nologo", "-v", "quiet", $"-p:RestoreAdditionalProjectSources={Out}"];
        string[] own = [$"-p:RestorePackagesPath={Path.Combine(_folder, "packages")}"];
        var built = await RunAsync("dotnet", [.. build, .. own]);
        built.Exit.ShouldBe(0, built.Output + built.Error);
    }

    private static async Task<(int Exit, string Output, string Error)> RunAsync(string program, string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(program, arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                Environment = { ["LEDGER_LANG"] = "fr" },
            }
        )!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }
}
