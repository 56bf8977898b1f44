using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Ledger.Integrity.Contents;
using Ledger.Tests;

namespace Ledger.EndToEnd;

/// <summary>An export with its contents, for the auditor who may see them and nobody else.</summary>
[Collection(PostgresTests.Name)]
public sealed class SealedExportTests(PostgresCluster cluster) : IAsyncLifetime
{
    private const int Consultations = 300;

    private readonly string _folder = Directory.CreateTempSubdirectory("ledger-sealed-").FullName;
    private readonly RSA _rsa = RSA.Create(2048);
    private string _vkey = string.Empty;

    private string Export => Path.Combine(_folder, "export");

    private string Contents => Path.Combine(Export, "contents.cms");

    private string Key => Path.Combine(_folder, "auditor.key");

    private string Certificate => Path.Combine(_folder, "auditor.pem");

    public async Task InitializeAsync()
    {
        var from = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        using var certificate = new CertificateRequest(
            "CN=auditor",
            _rsa,
            HashAlgorithmName.SHA256,
            RSASignaturePadding.Pkcs1
        ).CreateSelfSigned(from, from.AddYears(10));
        await File.WriteAllTextAsync(Certificate, certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(Key, _rsa.ExportPkcs8PrivateKeyPem());

        var connection = await cluster.CreateDatabaseAsync();
        string[] init = ["db", "init", "--connection", connection, "--origin", "ledger.example/sealed"];
        _vkey = (await Programs.RunAsync(Programs.Ledger, [.. init, "--keys", _folder])).Output.Trim();
        using (var service = await ServiceProcess.StartAsync("--connection", connection, "--keys", _folder))
        {
            await service.Client.UpToAGrantAsync();
            foreach (var _ in Enumerable.Range(0, Consultations))
            {
                await service.Client.Consultations.RecordConsultationAsync(SampleRequests.Consultation());
            }

            await service.StopAsync();
        }

        string[] export = ["export", Export, "--connection", connection, "--vkey", _vkey];
        var run = await Programs.RunAsync(Programs.Ledger, [.. export, "--contents-for", Certificate]);
        run.Exit.ShouldBe(0, run.Error);
    }

    public Task DisposeAsync()
    {
        _rsa.Dispose();
        Directory.Delete(_folder, recursive: true);
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Contents_are_read_by_the_auditor_alone_and_each_is_held_against_its_entry()
    {
        var good = await VerifyAsync(Key);
        good.Exit.ShouldBe(0, good.Error);
        good.Output.ShouldContain($"{Consultations + 10} contents read");

        var other = Path.Combine(_folder, "other.key");
        using (var another = RSA.Create(2048))
        {
            await File.WriteAllTextAsync(other, another.ExportPkcs8PrivateKeyPem());
        }

        (await VerifyAsync(other)).Exit.ShouldBe(3);
        (await VerifyAsync(Certificate)).Exit.ShouldBe(3);

        var bytes = await File.ReadAllBytesAsync(Contents);
        Encoding.Latin1.GetString(bytes).ShouldNotContain("agent-c3");
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(Contents, bytes);
        (await VerifyAsync(Key)).Exit.ShouldBe(1);
        await File.WriteAllBytesAsync(Contents, bytes[..(bytes.Length / 2)]);
        (await VerifyAsync(Key)).Exit.ShouldBe(1);
        File.Delete(Contents);
        (await VerifyAsync(Key)).Exit.ShouldBe(3);
    }

    [Fact]
    public async Task Whatever_is_changed_in_the_contents_is_found_although_anyone_can_seal_them_again()
    {
        var lines = await OpenedAsync();
        lines.Count.ShouldBe(Consultations + 10);
        var altered = lines[100] with { Content = [.. lines[100].Content, (byte)' '] };
        await SealAsync([.. lines[..100], altered, .. lines[101..]]);
        (await VerifyAsync(Key)).Output.ShouldContain("position 100");

        await SealAsync([.. lines[..50], .. lines[51..]]);
        var lacking = await VerifyAsync(Key);
        (lacking.Exit, lacking.Output).ShouldSatisfyAllConditions(
            r => r.Exit.ShouldBe(1),
            r => r.Output.ShouldContain("position 50"),
            r => r.Output.ShouldNotContain("position 51")
        );

        await SealAsync([.. lines, lines[^1] with { Position = lines.Count }]);
        (await VerifyAsync(Key)).Exit.ShouldBe(1);
        await SealAsync([.. lines[..10], lines[9], .. lines[10..]]);
        (await VerifyAsync(Key)).Exit.ShouldBe(1);
        await SealAsync(lines);
        (await VerifyAsync(Key)).Exit.ShouldBe(0);
    }

    [OpensslFact]
    public async Task Openssl_opens_them_too()
    {
        string[] decrypt = ["cms", "-decrypt", "-inform", "DER", "-in", Contents, "-inkey", Key];
        using var openssl = Process.Start(new ProcessStartInfo("openssl", decrypt) { RedirectStandardOutput = true })!;
        var text = await openssl.StandardOutput.ReadToEndAsync();
        await openssl.WaitForExitAsync();
        openssl.ExitCode.ShouldBe(0);
        text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length.ShouldBe(Consultations + 10);
    }

    [Fact]
    public async Task A_certificate_that_is_none_is_refused_and_nothing_is_written()
    {
        File.Delete(Contents);
        string[] export = ["export", Export, "--connection", "Host=/nowhere", "--vkey", _vkey];
        (await Programs.RunAsync(Programs.Ledger, [.. export, "--contents-for", Key])).Exit.ShouldNotBe(0);
        File.Exists(Contents).ShouldBeFalse();
    }

    private async Task<List<ContentLine>> OpenedAsync()
    {
        await using var file = File.OpenRead(Contents);
        using var opened = new StreamReader(Seal.Open(file, await File.ReadAllTextAsync(Key)));
        var lines = new List<ContentLine>();
        while (await opened.ReadLineAsync() is { } line)
        {
            lines.Add(ContentLine.Parse(line));
        }

        return lines;
    }

    private async Task SealAsync(IEnumerable<ContentLine> lines)
    {
        await using var file = File.Create(Contents);
        await using var into = Seal.To(await File.ReadAllBytesAsync(Certificate), file);
        foreach (var line in lines)
        {
            await into.WriteAsync(line.ToBytes());
        }
    }

    private Task<(int Exit, string Output, string Error)> VerifyAsync(string key)
    {
        string[] verify = ["folder", Export, "--vkey", _vkey, "--no-memory", "--contents-key", key];
        return Programs.RunAsync(Programs.LedgerVerify, verify);
    }
}

/// <summary>A test that needs openssl, which .ci/run installs where it is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class OpensslFactAttribute : FactAttribute
{
    public OpensslFactAttribute() =>
        Skip = (Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
            .Split(':')
            .Any(folder => File.Exists(Path.Combine(folder, "openssl")))
            ? null
            : "openssl is not on this machine.";
}
