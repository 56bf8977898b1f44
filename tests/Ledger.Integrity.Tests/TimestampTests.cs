using System.Diagnostics;
using System.Text;
using Ledger.Integrity.Timestamps;
using Ledger.Tests;

namespace Ledger.Integrity.Tests;

public sealed class TimestampTests : IDisposable
{
    private static readonly byte[] Note = Encoding.UTF8.GetBytes("ledger.example/test\n5\nAAAA\n");
    private static readonly byte[] Nonce = [9, 8, 7, 6, 5, 4, 3, 2];
    private static readonly DateTimeOffset Noon = new(2026, 3, 10, 12, 0, 0, TimeSpan.Zero);

    private readonly TestAuthority _authority = new();

    public void Dispose() => _authority.Dispose();

    [Fact]
    public void A_token_of_an_authority_under_the_root_holds_and_says_its_time()
    {
        var query = Timestamp.Query(Note, Nonce);
        var timestamp = Timestamp.Answering(query, _authority.Answer(query, Noon));
        timestamp.Verify(Note, _authority.Roots);
        timestamp.Time.ShouldBe(Noon);
    }

    [Fact]
    public void Other_bytes_another_root_another_nonce_and_changed_bits_do_not_hold()
    {
        var query = Timestamp.Query(Note, Nonce);
        var answer = _authority.Answer(query, Noon);
        var timestamp = Timestamp.Parse(answer);
        Should
            .Throw<FormatException>(() => timestamp.Verify([.. Note, 1], _authority.Roots))
            .Message.ShouldContain("other bytes");
        using var stranger = new TestAuthority();
        Should
            .Throw<FormatException>(() => timestamp.Verify(Note, stranger.Roots))
            .Message.ShouldContain("trusted root");
        Should.Throw<FormatException>(() => Timestamp.Answering(Timestamp.Query(Note, [1, 1]), answer));
        Should.Throw<FormatException>(() => Timestamp.Parse([1, 2, 3]));
        for (var at = 0; at < answer.Length; at += 3)
        {
            var changed = answer.ToArray();
            changed[at] ^= 1;
            try
            {
                var read = Timestamp.Parse(changed);
                read.Verify(Note, _authority.Roots);
                read.Time.ShouldBe(Noon, $"byte {at}");
            }
            catch (FormatException)
            {
                // What it should be.
            }
        }
    }

    [OpensslFact]
    public async Task Openssl_answers_our_query_and_accepts_the_tokens_that_we_keep()
    {
        var folder = Directory.CreateTempSubdirectory("ledger-tsa-").FullName;
        try
        {
            await _authority.WriteAsync(folder);
            await File.WriteAllTextAsync(
                Path.Combine(folder, "tsa.cnf"),
                $"""
                [tsa]
                default_tsa = config
                [config]
                serial = {folder}/serial
                default_policy = 1.2.3.4.1
                signer_digest = sha256
                digests = sha256
                ess_cert_id_alg = sha256
                accuracy = secs:1
                """
            );
            var query = Timestamp.Query(Note, Nonce);
            await File.WriteAllBytesAsync(Path.Combine(folder, "query"), query);
            await File.WriteAllBytesAsync(Path.Combine(folder, "note"), Note);
            (await OpensslAsync(folder, "ts -query -in query -text")).ShouldContain("Hash Algorithm: sha256");
            await OpensslAsync(
                folder,
                "ts -reply -config tsa.cnf -queryfile query -signer tsa.pem -inkey tsa.key -out theirs"
            );
            var theirs = Timestamp.Answering(query, await File.ReadAllBytesAsync(Path.Combine(folder, "theirs")));
            theirs.Verify(Note, _authority.Roots);

            await File.WriteAllBytesAsync(
                Path.Combine(folder, "ours"),
                Timestamp.Answering(query, _authority.Answer(query, Noon)).ToBytes()
            );
            (await OpensslAsync(folder, "ts -verify -data note -in ours -CAfile root.pem")).ShouldContain(
                "Verification: OK"
            );
            await File.WriteAllBytesAsync(Path.Combine(folder, "note"), [.. Note, 1]);
            (await OpensslAsync(folder, "ts -verify -data note -in ours -CAfile root.pem")).ShouldContain(
                "Verification: FAILED"
            );
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<string> OpensslAsync(string folder, string arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo("openssl", arguments)
            {
                WorkingDirectory = folder,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return await output + await error;
    }
}

/// <summary>Skips, saying so, where openssl is not there.</summary>
internal sealed class OpensslFactAttribute : FactAttribute
{
    public OpensslFactAttribute() =>
        Skip = (Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
            .Split(':')
            .Any(folder => File.Exists(Path.Combine(folder, "openssl")))
            ? null
            : "openssl is not on PATH.";
}
