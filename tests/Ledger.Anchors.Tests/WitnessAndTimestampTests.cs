using System.Net;
using System.Security.Cryptography;
using System.Text;
using Ledger.Anchors.Timestamps;
using Ledger.Anchors.Witnesses;
using Ledger.Integrity.Checkpoints;
using Ledger.Integrity.Timestamps;
using Ledger.Integrity.Witnesses;
using Ledger.Tests;
using Ledger.Verify;
using Ledger.Verify.Outside;
using Ledger.Verify.Witnesses;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Ledger.Anchors.Tests;

/// <summary>
/// The real witness over HTTP, and a real authority: what they say is kept, and what they object is said.
/// </summary>
public sealed class WitnessAndTimestampTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ledger-witness-").FullName;
    private readonly HttpClient _http = new();
    private WebApplication _app = null!;
    private WitnessServer _server = null!;
    private PolicyWitness _witness = null!;

    public Task InitializeAsync() => StartAsync();

    public async Task DisposeAsync()
    {
        await StopAsync();
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_witness_cosigns_a_log_that_goes_on_and_remembers_it_across_restarts()
    {
        var log = MemoryLog.Of(5);
        var anchor = new WitnessAnchor(_http, _witness);
        (await anchor.AnchorAsync(log, CancellationToken.None)).ShouldBe(5);
        (await anchor.AnchorAsync(log, CancellationToken.None)).ShouldBe(5);
        log.Kept.Count.ShouldBe(1);
        log.Append(7);
        await StopAsync();
        await StartAsync();
        (await new WitnessAnchor(_http, _witness).AnchorAsync(log, CancellationToken.None)).ShouldBe(12);

        var kept = log.Kept.MaxBy(k => k.Proof.Size).Proof;
        var note = SignedNote
            .Parse((await log.LatestAsync(CancellationToken.None))!.Value.Note)
            .With(NoteSignature.Parse(Encoding.UTF8.GetString(kept.Proof).TrimEnd('\n')));
        TrustPolicy
            .Parse($"log {MemoryLog.Key}\nwitness w {_witness.Key}\nquorum w")
            .IsSatisfiedBy(note)
            .ShouldBeTrue();
        var asked = await WitnessAsking.RunAsync(
            _http,
            TrustPolicy.Parse($"witness w {_witness.Key} {_witness.Url}\nquorum w"),
            MemoryLog.Key,
            CancellationToken.None
        );
        asked.Single().Checkpoint.Size.ShouldBe(12);
    }

    [Fact]
    public async Task A_node_that_forgot_what_the_witness_saw_is_told_and_goes_on()
    {
        await new WitnessAnchor(_http, _witness).AnchorAsync(MemoryLog.Of(5), CancellationToken.None);
        (await new WitnessAnchor(_http, _witness).AnchorAsync(MemoryLog.Of(9), CancellationToken.None)).ShouldBe(9);
    }

    [Theory]
    [InlineData(9, "another")]
    [InlineData(5, "another")]
    [InlineData(3, "one")]
    public async Task A_rewritten_a_forked_and_a_cut_log_are_contradicted_and_never_cosigned(int size, string about)
    {
        await new WitnessAnchor(_http, _witness).AnchorAsync(MemoryLog.Of(5), CancellationToken.None);
        var forked = MemoryLog.Of(size, about);
        (
            await Should.ThrowAsync<AnchorException>(() =>
                new WitnessAnchor(_http, _witness).AnchorAsync(forked, CancellationToken.None)
            )
        ).Contradicts.ShouldBeTrue();
        forked.Kept.ShouldBeEmpty();
    }

    [Fact]
    public async Task Two_continuations_sent_at_once_are_not_both_cosigned()
    {
        var log = MemoryLog.Of(5);
        await new WitnessAnchor(_http, _witness).AnchorAsync(log, CancellationToken.None);
        var (one, other) = (MemoryLog.Of(5), MemoryLog.Of(5));
        one.Append(2, "this");
        other.Append(2, "that");
        var outcomes = await Task.WhenAll(
            new[] { one, other }.Select(async l =>
            {
                try
                {
                    await new WitnessAnchor(_http, _witness).AnchorAsync(l, CancellationToken.None);
                    return true;
                }
                catch (AnchorException)
                {
                    return false;
                }
            })
        );
        outcomes.Count(cosigned => cosigned).ShouldBe(1);
    }

    [Fact]
    public async Task Requests_that_are_not_are_answered_as_the_specification_says()
    {
        (await PostAsync("nonsense")).ShouldBe(HttpStatusCode.BadRequest);
        var stranger = new NoteSigner("ledger.example/stranger", new byte[32]);
        (
            await PostAsync(
                new AddCheckpoint(
                    0,
                    [],
                    SignedNote
                        .Sign("ledger.example/stranger\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n", stranger)
                        .ToString()
                ).ToString()
            )
        ).ShouldBe(HttpStatusCode.NotFound);
        var (note, _) = (await MemoryLog.Of(5).LatestAsync(CancellationToken.None))!.Value;
        (
            await PostAsync(
                new AddCheckpoint(0, [], note.Replace("\n5\n", "\n6\n", StringComparison.Ordinal)).ToString()
            )
        ).ShouldBe(HttpStatusCode.Forbidden);
        (await PostAsync(new AddCheckpoint(6, [], note).ToString())).ShouldBe(HttpStatusCode.BadRequest);
        (await PostAsync(new AddCheckpoint(0, [], note).ToString())).ShouldBe(HttpStatusCode.OK);
        using var conflict = await _http.PostAsync(
            new Uri(_witness.Url!, AddCheckpoint.Path),
            new StringContent(new AddCheckpoint(3, [], note).ToString())
        );
        conflict.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        conflict.Content.Headers.ContentType!.MediaType.ShouldBe("text/x.tlog.size");
        (await conflict.Content.ReadAsStringAsync()).ShouldBe("5\n");
    }

    [Fact]
    public async Task A_witness_that_is_away_says_so_and_its_key_is_not_made_twice()
    {
        await StopAsync();
        (
            await Should.ThrowAsync<AnchorException>(() =>
                new WitnessAnchor(_http, _witness).AnchorAsync(MemoryLog.Of(5), CancellationToken.None)
            )
        ).ShouldSatisfyAllConditions(
            e => e.Contradicts.ShouldBeFalse(),
            e => e.Message.ShouldContain("does not answer")
        );
        using (var memory = WitnessMemory.Open(_folder, "another"))
        {
            memory.Signer.Verifier.ToString().ShouldBe(_witness.Key.ToString());
            Should.Throw<CannotVerifyException>(() => WitnessMemory.Open(_folder, null)).Message.ShouldContain("lock");
        }

        Should
            .Throw<CannotVerifyException>(() => WitnessMemory.Open(Path.Combine(_folder, "none"), null))
            .Message.ShouldContain("--name");
        await StartAsync();
    }

    [Fact]
    public async Task A_checkpoint_is_timestamped_once_a_cadence_and_the_token_holds()
    {
        await using var server = await TestAuthorityServer.StartAsync();
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var log = new MemoryLog { Clock = time.GetUtcNow };
        log.Append(5);
        using var chance = RandomNumberGenerator.Create();
        var anchor = new TimestampAnchor(
            _http,
            new TimestampSettings(server.Url, server.Authority.Roots, TimeSpan.FromHours(1)),
            chance,
            time
        );
        (await anchor.AnchorAsync(log, CancellationToken.None)).ShouldBe(5);
        log.Append(1);
        (await anchor.AnchorAsync(log, CancellationToken.None)).ShouldBe(5);
        time.Advance(TimeSpan.FromMinutes(61));
        (await anchor.AnchorAsync(log, CancellationToken.None)).ShouldBe(6);
        time.Advance(TimeSpan.FromMinutes(61));
        (await anchor.AnchorAsync(log, CancellationToken.None)).ShouldBe(6);
        server.Asked.ShouldBe(2);
        Timestamp
            .Parse(log.Kept.MaxBy(k => k.Proof.Size).Proof.Proof)
            .Verify(
                Encoding.UTF8.GetBytes((await log.LatestAsync(CancellationToken.None))!.Value.Note),
                server.Authority.Roots
            );
    }

    [Fact]
    public async Task An_authority_that_babbles_or_is_under_another_root_is_not_believed()
    {
        await using var server = await TestAuthorityServer.StartAsync();
        using var other = new TestAuthority();
        using var chance = RandomNumberGenerator.Create();
        var log = MemoryLog.Of(5);
        await Should.ThrowAsync<AnchorException>(() =>
            new TimestampAnchor(
                _http,
                new TimestampSettings(server.Url, other.Roots, TimeSpan.FromHours(1)),
                chance,
                TimeProvider.System
            ).AnchorAsync(log, CancellationToken.None)
        );
        server.Babbles = true;
        await Should.ThrowAsync<AnchorException>(() =>
            new TimestampAnchor(
                _http,
                new TimestampSettings(server.Url, server.Authority.Roots, TimeSpan.FromHours(1)),
                chance,
                TimeProvider.System
            ).AnchorAsync(log, CancellationToken.None)
        );
        log.Kept.ShouldBeEmpty();
    }

    private async Task<HttpStatusCode> PostAsync(string body)
    {
        using var response = await _http.PostAsync(new Uri(_witness.Url!, AddCheckpoint.Path), new StringContent(body));
        return response.StatusCode;
    }

    private async Task StartAsync()
    {
        var memory = WitnessMemory.Open(_folder, "witness.example");
        _server = new WitnessServer(memory, [MemoryLog.Signer.Verifier], TimeProvider.System);
        _app = _server.Build(0);
        await _app.StartAsync();
        _witness = new PolicyWitness(
            "w",
            memory.Signer.Verifier,
            new Uri(
                _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()
            )
        );
    }

    private async Task StopAsync()
    {
        await _app.DisposeAsync();
        _server.Dispose();
    }
}
