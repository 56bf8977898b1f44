using System.Security.Cryptography;
using System.Text;
using Caf.Ledger.V1;
using Grpc.Core;
using Ledger.Anchors.EventStore;
using Ledger.Integrity.Checkpoints;
using Ledger.Integrity.Timestamps;
using Ledger.Store.Publishing;
using Ledger.Store.Schema;
using Ledger.Tests;
using Ledger.Verify;
using Ledger.Verify.Folders;
using Ledger.Verify.Outside;
using Ledger.Verify.Scanning;
using Ledger.Verify.Witnesses;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using static Ledger.Tests.SampleRequests;

namespace Ledger.Service.Tests;

/// <summary>
/// A service with a witness, a timestamping authority and a mirror, each of them real and outside; then its
/// administrator rewrites the past.
/// </summary>
[Collection(PostgresTests.Name)]
public sealed class AnchorTests(PostgresCluster cluster) : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ledger-anchors-").FullName;
    private readonly List<NoteVerifier> _witnessed = [];
    private InProcessEventStore _mirror = null!;
    private TestAuthorityServer _authority = null!;
    private WitnessServer _witness = null!;
    private WebApplication _witnessApp = null!;
    private string _policy = null!;
    private RunningService _service = null!;

    private TrustPolicy Policy => TrustPolicy.Parse(_policy);

    public async Task InitializeAsync()
    {
        _mirror = await InProcessEventStore.StartAsync();
        _authority = await TestAuthorityServer.StartAsync();
        await _authority.Authority.WriteAsync(_folder);
        var memory = WitnessMemory.Open(Path.Combine(_folder, "witness"), "witness.example");
        _witness = new WitnessServer(memory, _witnessed, TimeProvider.System);
        _witnessApp = _witness.Build(0);
        await _witnessApp.StartAsync();
        var address = _witnessApp
            .Services.GetRequiredService<IServer>()
            .Features.Get<IServerAddressesFeature>()!
            .Addresses.First();
        _service = await RunningService.StartAsync(
            cluster,
            options: key =>
            {
                _witnessed.Add(key);
                _policy = $"log {key}\nwitness w1 {memory.Signer.Verifier} {address}\nquorum w1\n";
                File.WriteAllText(Path.Combine(_folder, "policy"), _policy);
                return new()
                {
                    ["Ledger:WitnessPolicy"] = Path.Combine(_folder, "policy"),
                    ["Ledger:TimestampUrl"] = _authority.Url.ToString(),
                    ["Ledger:TimestampRoots"] = Path.Combine(_folder, "root.pem"),
                    ["Ledger:TimestampCadence"] = "00:00:00.1",
                    ["Ledger:Mirror"] = _mirror.ConnectionString,
                };
            }
        );
        await _service.Client.UpToAGrantAsync();
    }

    public async Task DisposeAsync()
    {
        await _service.DisposeAsync();
        await _witnessApp.DisposeAsync();
        _witness.Dispose();
        await _authority.DisposeAsync();
        await _mirror.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Every_anchor_follows_the_log_and_it_verifies_in_the_database_in_a_folder_and_in_the_mirror()
    {
        var size = await AnchoredAsync();
        var note = SignedNote.Parse((await _service.Client.Integrity.GetCheckpointAsync(new())).Checkpoint);
        Policy.IsSatisfiedBy(note).ShouldBeTrue();
        var mirrored = await MirroredAsync();
        mirrored.Checkpoint.Size.ShouldBe(size);
        var trust = new Trust(_service.Key, [mirrored, .. await AskAsync()])
        {
            Witnesses = Witnesses(),
            Timestamps = Timestamps(),
            Entries = [await MirroredEntryAsync()],
        };
        var verification = await VerifyAsync(_service.ConnectionString, trust);
        Whole(verification);
        verification.Witnessed.ShouldBe(size);

        var export = Path.Combine(_folder, "export");
        await using (var database = new LedgerDatabase(_service.ConnectionString))
        {
            await FolderExport.WriteAsync(database, _service.Key, export, CancellationToken.None);
        }

        Whole(FolderVerifier.Run(export, trust, null));
        Directory.EnumerateFiles(Path.Combine(export, "timestamps"), "*.tsr").ShouldNotBeEmpty();
        await using var streams = MirrorConnection.Open(_mirror.ConnectionString, TimeProvider.System);
        await MirrorDownload.RunAsync(streams, _service.Key, Path.Combine(_folder, "mirror"), CancellationToken.None);
        Whole(FolderVerifier.Run(Path.Combine(_folder, "mirror"), new Trust(_service.Key), null, entriesAlone: true));
    }

    [Fact]
    public async Task Evidence_carries_the_cosignatures_and_a_timestamp_once_one_covers_it()
    {
        await _service.Client.Consultations.RecordConsultationAsync(Consultation());
        await AnchoredAsync();
        var file = await EvidenceAsync();
        var found = EvidenceVerifier.Run(file, _service.Key, Policy, Timestamps());
        found.SeenBy.ShouldNotBeNull();
        using var stranger = new TestAuthority();
        Should
            .Throw<FormatException>(() =>
                EvidenceVerifier.Run(file, _service.Key, Policy, Timestamps() with { Roots = stranger.Roots })
            )
            .Message.ShouldContain("trusted root");
    }

    [Fact]
    public async Task Anchors_that_are_away_stall_nobody_say_why_and_are_caught_up_with()
    {
        await AnchoredAsync();
        _mirror.IsDown = true;
        _authority.Babbles = true;
        for (var i = 0; i < 20; i++)
        {
            await _service.Client.Consultations.RecordConsultationAsync(Consultation());
        }

        var behind = await PollAsync(a => a.Anchors.Count(x => x.Failure.Length > 0) == 2);
        behind.Anchors.ShouldAllBe(a => !a.Contradicts);
        behind.Anchors.Single(a => a.Name == "mirror").Failure.ShouldContain("Unavailable");
        (_mirror.IsDown, _authority.Babbles) = (false, false);
        await AnchoredAsync();
    }

    [Fact]
    public async Task A_log_rewritten_and_signed_again_is_found_by_the_cosignatures_alone_and_by_the_witness_alone()
    {
        var copy = await RewrittenAsync("delete from ledger.ledger_anchor");
        Single(
            await VerifyAsync(copy, new Trust(_service.Key) { Witnesses = Witnesses() }),
            FindingKind.Unwitnessed,
            null,
            "cosignatures"
        );
        Single(await VerifyAsync(copy, new Trust(_service.Key, await AskAsync())), FindingKind.Forked, null, null)
            .Message.ShouldContain("cosigned by 'w1'");
    }

    [Fact]
    public async Task A_log_rewritten_and_signed_again_is_found_by_the_mirror_alone()
    {
        var copy = await RewrittenAsync("delete from ledger.ledger_anchor");
        Single(await VerifyAsync(copy, new Trust(_service.Key, await MirroredAsync())), FindingKind.Forked, null, null)
            .Message.ShouldContain("mirrored");

        // Even with a checkpoint of the rewritten log put into the mirror: the entries there cannot be unsaid.
        Single(
            await VerifyAsync(copy, new Trust(_service.Key) { Entries = [await MirroredEntryAsync()] }),
            FindingKind.Forked,
            null,
            null
        )
            .Message.ShouldContain("not the mirrored one");
    }

    [Fact]
    public async Task Old_cosignatures_do_not_cover_what_was_recorded_since()
    {
        var kept = await AnchoredAsync();
        await _service.Client.Consultations.RecordConsultationAsync(Consultation());
        await AnchoredAsync();
        var copy = await cluster.CopyDatabaseAsync(_service.ConnectionString);
        await PostgresCluster.ExecuteAsync(
            copy,
            Attacker.TriggersOff,
            $"delete from ledger.ledger_anchor where size > {kept}"
        );
        Whole(await VerifyAsync(copy, new Trust(_service.Key) { Witnesses = Witnesses() }));
        Single(
            await VerifyAsync(copy, new Trust(_service.Key) { Witnesses = Witnesses(later: TimeSpan.FromDays(1)) }),
            FindingKind.Unwitnessed,
            kept,
            "cosignatures"
        );
    }

    [Fact]
    public async Task A_log_rewritten_and_signed_again_is_found_by_the_timestamps_alone_kept_dropped_or_made_anew()
    {
        var kept = await VerifyAsync(await RewrittenAsync(), new Trust(_service.Key) { Timestamps = Timestamps() });
        kept.Findings.ShouldNotBeEmpty();
        kept.Findings.ShouldAllBe(f => f.Kind == FindingKind.Modified && f.Column == "timestamp");

        var dropped = await RewrittenAsync("delete from ledger.ledger_anchor");
        Single(
            await VerifyAsync(
                dropped,
                new Trust(_service.Key) { Timestamps = Timestamps(later: TimeSpan.FromDays(2)) }
            ),
            FindingKind.Unwitnessed,
            0,
            "timestamp"
        );

        await using (var database = new LedgerDatabase(dropped))
        {
            var note = (await CheckpointPublisher.LatestAsync(database, CancellationToken.None))!;
            var query = Timestamp.Query(Encoding.UTF8.GetBytes(note), RandomNumberGenerator.GetBytes(8));
            var token = _authority.Authority.Answer(query, TimeProvider.System.GetUtcNow().AddDays(2));
            await AnchorStore.KeepAsync(
                database,
                new AnchorProof(Checkpoint.Open(note, _service.Key).Size, AnchorKind.Timestamp, "tsa", token),
                CancellationToken.None
            );
        }

        Single(
            await VerifyAsync(
                dropped,
                new Trust(_service.Key) { Timestamps = Timestamps(later: TimeSpan.FromDays(2)) }
            ),
            FindingKind.BackDated,
            0,
            "recorded_at"
        );
    }

    [Fact]
    public async Task A_log_cut_back_and_gone_on_with_makes_every_anchor_contradict_it()
    {
        await AnchoredAsync();
        var copy = await cluster.CopyDatabaseAsync(_service.ConnectionString);
        var size = await PostgresCluster.QueryAsync<long>(copy, "select ledger.last_position() + 1");
        await PostgresCluster.ExecuteAsync(
            copy,
            Attacker.TriggersOff,
            $"delete from ledger.mt_events where seq_id = (select seq_id from ledger.ledger_leaf where position = "
                + $"{size - 1})",
            $"delete from ledger.ledger_leaf where position = {size - 1}",
            "delete from ledger.ledger_anchor"
        );
        await Attacker.RechainAsync(copy, _service.Signer);
        foreach (var known in (KnownCheckpoint[])[await MirroredAsync(), .. await AskAsync()])
        {
            Single(
                await VerifyAsync(copy, new Trust(_service.Key, known), logOnly: true),
                FindingKind.Truncated,
                size - 1,
                null
            );
        }
    }

    private static Verify.Finding Single(Verification verification, FindingKind kind, long? position, string? column)
    {
        verification
            .Findings.Select(f => (f.Kind, f.Position, f.Column))
            .ShouldBe([(kind, position, column)], string.Join("; ", verification.Findings.Select(f => f.Message)));
        return verification.Findings[0];
    }

    private static void Whole(Verification verification) =>
        verification.IsWhole.ShouldBeTrue(string.Join("; ", verification.Findings.Select(f => f.Message)));

    // Some consultations, all anchored; in a copy one of them is made another's, everything is chained and signed
    // again, and agrees with itself.
    private async Task<string> RewrittenAsync(params string[] alsoDone)
    {
        var ack = (await _service.Client.Consultations.RecordConsultationAsync(Consultation())).Acknowledgement;
        await AnchoredAsync();
        var copy = await cluster.CopyDatabaseAsync(_service.ConnectionString);
        await PostgresCluster.ExecuteAsync(
            copy,
            [
                Attacker.TriggersOff,
                $"update ledger.mt_events set bdata = convert_to(replace(convert_from(bdata, 'UTF8'), 'agent-c3', "
                    + $"'agent-c4'), 'UTF8') where seq_id = (select seq_id from ledger.ledger_leaf where position "
                    + $"= {ack.Position})",
                $"update ledger.usage set agent = 'agent-c4' where position = {ack.Position}",
                .. alsoDone,
            ]
        );
        await Attacker.RechainAsync(copy, _service.Signer);
        Whole(await VerifyAsync(copy, new Trust(_service.Key)));
        return copy;
    }

    private TimestampTrust Timestamps(TimeSpan later = default) =>
        new(_authority.Authority.Roots, TimeSpan.FromHours(1), TimeProvider.System.GetUtcNow() + later);

    private WitnessTrust Witnesses(TimeSpan later = default) =>
        new(Policy, TimeSpan.FromHours(1), TimeProvider.System.GetUtcNow() + later);

    private async Task<KnownEntry> MirroredEntryAsync()
    {
        await using var streams = MirrorConnection.Open(_mirror.ConnectionString, TimeProvider.System);
        return await MirrorDownload.LastEntryAsync(streams, _service.Key, CancellationToken.None);
    }

    private async Task<KnownCheckpoint> MirroredAsync()
    {
        await using var streams = MirrorConnection.Open(_mirror.ConnectionString, TimeProvider.System);
        return new KnownCheckpoint(
            "mirrored",
            (await MirrorDownload.LastAsync(streams, _service.Key, CancellationToken.None)).Checkpoint
        );
    }

    private async Task<IReadOnlyList<KnownCheckpoint>> AskAsync()
    {
        using var http = new HttpClient();
        return await WitnessAsking.RunAsync(http, Policy, _service.Key, CancellationToken.None);
    }

    private static Task<Verification> VerifyAsync(string connectionString, Trust trust, bool logOnly = false) =>
        DatabaseVerifier.RunAsync(connectionString, trust, logOnly, null, CancellationToken.None);

    private async Task<string> EvidenceAsync()
    {
        using var file = new MemoryStream();
        await _service.Client.ExportEvidenceAsync(
            new()
            {
                Asking = Asking(),
                Account = new() { Siret = SampleRequests.Siret, Agent = "agent-c3" },
            },
            file
        );
        return Encoding.UTF8.GetString(file.ToArray());
    }

    // Until every anchor has come up to everything that is recorded.
    private async Task<long> AnchoredAsync()
    {
        var size = await PostgresCluster.QueryAsync<long>(
            _service.ConnectionString,
            "select ledger.last_position() + 1"
        );
        await PollAsync(a => a.Anchors.Count == 3 && a.Anchors.All(x => x.Size >= size && x.Failure.Length == 0));
        return size;
    }

    private async Task<GetAnchorsResponse> PollAsync(Predicate<GetAnchorsResponse> until)
    {
        for (var tries = 0; ; tries++)
        {
            GetAnchorsResponse? anchors = null;
            try
            {
                anchors = await _service.Client.Integrity.GetAnchorsAsync(new());
            }
            catch (RpcException e) when (e.StatusCode == StatusCode.Unavailable)
            {
                // A copy was made: the service's connections were cut, and come back.
            }

            if (anchors is not null && until(anchors))
            {
                return anchors;
            }

            tries.ShouldBeLessThan(600, $"{anchors}");
            await Task.Delay(50);
        }
    }
}
