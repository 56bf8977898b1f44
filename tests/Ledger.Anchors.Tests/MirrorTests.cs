using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Ledger.Anchors.EventStore;
using Ledger.Integrity.Checkpoints;
using Ledger.Tests;
using Ledger.Verify;
using Ledger.Verify.Folders;
using Ledger.Verify.Outside;

namespace Ledger.Anchors.Tests;

/// <summary>
/// The mirror over real gRPC: against the in-process EventStoreDB, and against a real one where there is one.
/// </summary>
public abstract class MirrorSuite : IAsyncLifetime
{
    private protected abstract IEventStreams Streams { get; }

    public abstract Task InitializeAsync();

    public abstract Task DisposeAsync();

    /// <summary>A stream of its own for each test: a real server keeps what earlier runs left.</summary>
    private protected static string Fresh() =>
        $"caf_ledger_test-{Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(8))}";

    [Fact]
    public virtual async Task Events_are_appended_where_they_are_expected_and_read_back_as_they_were()
    {
        var stream = Fresh();
        (await Streams.LastAsync(stream, CancellationToken.None)).ShouldBeNull();
        (await ReadAsync(stream, 0, 10)).ShouldBeEmpty();
        var events = Enumerable
            .Range(0, 1200)
            .Select(i => new StreamEvent(Id(i), "test.v1", BitConverter.GetBytes(i)))
            .ToList();
        await Streams.AppendAsync(stream, IEventStreams.NoStream, events[..700], CancellationToken.None);
        await Streams.AppendAsync(stream, 699, events[700..], CancellationToken.None);

        var read = await ReadAsync(stream, 0, long.MaxValue);
        read.Select(e => (e.Revision, e.Id, e.Type)).ShouldBe(events.Select((e, i) => ((long)i, e.Id, e.Type)));
        read.Select(e => (long)BitConverter.ToInt32(e.Data.ToArray())).ShouldBe(read.Select(e => e.Revision));
        (await ReadAsync(stream, 5, 3)).Select(e => e.Revision).ShouldBe([5, 6, 7]);
        (await Streams.LastAsync(stream, CancellationToken.None))!.Revision.ShouldBe(1199);
    }

    [Fact]
    public virtual async Task Another_revision_is_a_conflict_that_says_both_and_the_same_events_again_are_not()
    {
        var stream = Fresh();
        var events = Enumerable.Range(0, 3).Select(i => new StreamEvent(Id(i), "test.v1", new byte[] { 1 })).ToList();
        (
            await Should.ThrowAsync<WrongRevisionException>(() =>
                Streams.AppendAsync(stream, 4, events, CancellationToken.None)
            )
        ).Actual.ShouldBeNull();
        await Streams.AppendAsync(stream, IEventStreams.NoStream, events, CancellationToken.None);
        await Streams.AppendAsync(stream, IEventStreams.NoStream, events, CancellationToken.None);
        (await ReadAsync(stream, 0, 10)).Count.ShouldBe(3);
        var conflict = await Should.ThrowAsync<WrongRevisionException>(() =>
            Streams.AppendAsync(
                stream,
                0,
                [new StreamEvent(Id(9), "test.v1", new byte[] { 2 })],
                CancellationToken.None
            )
        );
        conflict.Actual.ShouldBe(2);
        conflict.Message.ShouldContain("expected to have the revision 0, and has 2");
    }

    private protected static Guid Id(int i) => new(i, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);

    private protected async Task<List<RecordedStreamEvent>> ReadAsync(string stream, long from, long count) =>
        await Streams.ReadAsync(stream, from, count, CancellationToken.None).ToListAsync();
}

/// <summary>Against a real server, where LEDGER_TEST_EVENTSTORE holds its connection string.</summary>
public sealed class RealEventStoreTests : MirrorSuite
{
    private IEventStreams? _streams;

    private protected override IEventStreams Streams => _streams!;

    public override Task InitializeAsync()
    {
        _streams = RealEventStoreFactAttribute.Real is { } connection
            ? MirrorConnection.Open(connection, TimeProvider.System)
            : null;
        return Task.CompletedTask;
    }

    public override async Task DisposeAsync()
    {
        if (_streams is not null)
        {
            await _streams.DisposeAsync();
        }
    }

    [RealEventStoreFact]
    public override Task Events_are_appended_where_they_are_expected_and_read_back_as_they_were() =>
        base.Events_are_appended_where_they_are_expected_and_read_back_as_they_were();

    [RealEventStoreFact]
    public override Task Another_revision_is_a_conflict_that_says_both_and_the_same_events_again_are_not() =>
        base.Another_revision_is_a_conflict_that_says_both_and_the_same_events_again_are_not();
}

public sealed class MirrorTests : MirrorSuite
{
    private readonly List<IEventStreams> _open = [];
    private InProcessEventStore _store = null!;
    private IEventStreams _streams = null!;

    private protected override IEventStreams Streams => _streams;

    private static string Entries => Mirror.Entries(MemoryLog.Signer.Verifier.Name);

    public override async Task InitializeAsync()
    {
        _store = await InProcessEventStore.StartAsync();
        _streams = Open(_store.ConnectionString);
    }

    public override async Task DisposeAsync()
    {
        foreach (var streams in _open)
        {
            await streams.DisposeAsync();
        }

        await _store.DisposeAsync();
    }

    [Fact]
    public async Task A_log_is_mirrored_entry_by_entry_with_its_checkpoints_and_goes_on_from_the_mirror_s_own_end()
    {
        var log = MemoryLog.Of(1300);
        (
            await new MirrorAnchor(_streams, () => MemoryLog.Key, TimeProvider.System).AnchorAsync(
                log,
                CancellationToken.None
            )
        ).ShouldBe(1300);
        log.Append(10);
        var read = log.EntriesRead;
        (
            await new MirrorAnchor(_streams, () => MemoryLog.Key, TimeProvider.System).AnchorAsync(
                log,
                CancellationToken.None
            )
        ).ShouldBe(1310);
        (log.EntriesRead - read).ShouldBe(11, "the last mirrored one is compared, the new ones are sent");
        (
            await new MirrorAnchor(_streams, () => MemoryLog.Key, TimeProvider.System).AnchorAsync(
                log,
                CancellationToken.None
            )
        ).ShouldBe(1310);

        var mirrored = await ReadAsync(Entries, 0, long.MaxValue);
        mirrored.Select(e => e.Data.ToArray()).ShouldBe(await log.EntriesAsync(0, 1310, CancellationToken.None));
        (await ReadAsync(Mirror.Checkpoints(MemoryLog.Key.Name), 0, 10)).Count.ShouldBe(2);
        (await VerifyAsync(MemoryLog.Key)).IsWhole.ShouldBeTrue();
    }

    [Fact]
    public async Task Nodes_that_mirror_at_once_and_answers_that_are_lost_leave_nothing_twice()
    {
        var log = MemoryLog.Of(3000);
        _store.LoseOneAnswer = true;
        await Should.ThrowAsync<AnchorException>(() =>
            new MirrorAnchor(_streams, () => MemoryLog.Key, TimeProvider.System).AnchorAsync(
                log,
                CancellationToken.None
            )
        );
        var sizes = await Task.WhenAll(
            Enumerable
                .Range(0, 4)
                .Select(_ =>
                    new MirrorAnchor(
                        Open(_store.ConnectionString),
                        () => MemoryLog.Key,
                        TimeProvider.System
                    ).AnchorAsync(log, CancellationToken.None)
                )
        );
        sizes.ShouldAllBe(size => size == 3000);
        (await ReadAsync(Entries, 0, long.MaxValue))
            .Select(e => e.Data.ToArray())
            .ShouldBe(await log.EntriesAsync(0, 3000, CancellationToken.None));
        (await ReadAsync(Mirror.Checkpoints(MemoryLog.Key.Name), 0, 10)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_log_that_was_rewritten_or_cut_back_is_contradicted_and_the_mirror_keeps_what_it_had()
    {
        var log = MemoryLog.Of(20);
        await new MirrorAnchor(_streams, () => MemoryLog.Key, TimeProvider.System).AnchorAsync(
            log,
            CancellationToken.None
        );
        var rewritten = MemoryLog.Of(25, "another");
        (
            await Should.ThrowAsync<AnchorException>(() =>
                new MirrorAnchor(_streams, () => MemoryLog.Key, TimeProvider.System).AnchorAsync(
                    rewritten,
                    CancellationToken.None
                )
            )
        ).ShouldSatisfyAllConditions(
            e => e.Contradicts.ShouldBeTrue(),
            e => e.Message.ShouldContain("another entry at position 19")
        );
        (
            await Should.ThrowAsync<AnchorException>(() =>
                new MirrorAnchor(_streams, () => MemoryLog.Key, TimeProvider.System).AnchorAsync(
                    MemoryLog.Of(15),
                    CancellationToken.None
                )
            )
        ).ShouldSatisfyAllConditions(
            e => e.Contradicts.ShouldBeTrue(),
            e => e.Message.ShouldContain("holds 20 entries")
        );
        (await ReadAsync(Entries, 0, 100)).Count.ShouldBe(20);
        (await VerifyAsync(MemoryLog.Key)).IsWhole.ShouldBeTrue();
    }

    [Fact]
    public async Task A_log_cut_back_and_grown_again_is_contradicted_by_the_anchor_that_saw_it_cut()
    {
        await new MirrorAnchor(_streams, () => MemoryLog.Key, TimeProvider.System).AnchorAsync(
            MemoryLog.Of(20),
            CancellationToken.None
        );
        var (anchor, cut) = (new MirrorAnchor(_streams, () => MemoryLog.Key, TimeProvider.System), MemoryLog.Of(15));
        (
            await Should.ThrowAsync<AnchorException>(() => anchor.AnchorAsync(cut, CancellationToken.None))
        ).Contradicts.ShouldBeTrue();
        cut.Append(10, "another");
        (
            await Should.ThrowAsync<AnchorException>(() => anchor.AnchorAsync(cut, CancellationToken.None))
        ).Contradicts.ShouldBeTrue();
        (await ReadAsync(Entries, 0, 100)).Count.ShouldBe(20);
    }

    [Fact]
    public async Task A_mirror_that_is_away_says_so_and_is_caught_up_with_once_it_is_back()
    {
        var log = MemoryLog.Of(20);
        var anchor = new MirrorAnchor(_streams, () => MemoryLog.Key, TimeProvider.System);
        _store.IsDown = true;
        (
            await Should.ThrowAsync<AnchorException>(() => anchor.AnchorAsync(log, CancellationToken.None))
        ).ShouldSatisfyAllConditions(e => e.Contradicts.ShouldBeFalse(), e => e.Message.ShouldContain("Unavailable"));
        _store.IsDown = false;
        (await anchor.AnchorAsync(log, CancellationToken.None)).ShouldBe(20);
    }

    [Fact]
    public async Task What_was_written_and_cannot_be_read_at_once_is_waited_for()
    {
        _store.ReadsBehind = 3;
        var log = MemoryLog.Of(1300);
        var one = new MirrorAnchor(_streams, () => MemoryLog.Key, TimeProvider.System);
        (await one.AnchorAsync(log, CancellationToken.None)).ShouldBe(1300);
        log.Append(5);
        (await one.AnchorAsync(log, CancellationToken.None)).ShouldBe(1305);

        // Another node does not see yet what a third one wrote, and is refused on the strength of it.
        log.Append(5);
        await _streams.AppendAsync(
            Entries,
            1304,
            [.. (await log.EntriesAsync(1305, 2, CancellationToken.None)).Select(Mirror.Of)],
            CancellationToken.None
        );
        var other = new MirrorAnchor(Open(_store.ConnectionString), () => MemoryLog.Key, TimeProvider.System);
        (await other.AnchorAsync(log, CancellationToken.None)).ShouldBe(1310);
        (await ReadAsync(Entries, 0, long.MaxValue)).Count.ShouldBe(1310);
    }

    [Fact]
    public async Task A_mirror_whose_entries_were_deleted_contradicts_though_it_says_that_it_takes_them()
    {
        var log = MemoryLog.Of(1300);
        await new MirrorAnchor(_streams, () => MemoryLog.Key, TimeProvider.System).AnchorAsync(
            log,
            CancellationToken.None
        );
        _store.Delete(Entries);
        var appends = _store.Appends;
        var contradiction = await Should.ThrowAsync<AnchorException>(() =>
            new MirrorAnchor(_streams, () => MemoryLog.Key, TimeProvider.System).AnchorAsync(
                log,
                CancellationToken.None
            )
        );
        contradiction.Contradicts.ShouldBeTrue();
        contradiction.Message.ShouldContain("deleted or truncated");
        _store.Appends.ShouldBe(appends, "nothing was written, and nothing is sent again and again");
    }

    [Fact]
    public async Task A_truncated_mirror_goes_on_from_its_end_and_the_verifier_names_it()
    {
        var log = MemoryLog.Of(1300);
        await new MirrorAnchor(_streams, () => MemoryLog.Key, TimeProvider.System).AnchorAsync(
            log,
            CancellationToken.None
        );
        _store.Truncate(Entries, 1000);
        log.Append(5);
        (
            await new MirrorAnchor(_streams, () => MemoryLog.Key, TimeProvider.System).AnchorAsync(
                log,
                CancellationToken.None
            )
        ).ShouldBe(1305);
        (await Should.ThrowAsync<CannotVerifyException>(() => VerifyAsync(MemoryLog.Key))).Message.ShouldContain(
            "begin at position 1000"
        );
        (
            await Should.ThrowAsync<CannotVerifyException>(() =>
                MirrorDownload.LastEntryAsync(_streams, MemoryLog.Key, CancellationToken.None)
            )
        ).Message.ShouldContain("truncated");
        _store.Truncate(Entries, 1305);
        log.Append(5);
        (
            await Should.ThrowAsync<AnchorException>(() =>
                new MirrorAnchor(_streams, () => MemoryLog.Key, TimeProvider.System).AnchorAsync(
                    log,
                    CancellationToken.None
                )
            )
        ).Contradicts.ShouldBeTrue();
    }

    [Fact]
    public async Task A_batch_that_is_dropped_is_sent_again_and_one_that_is_too_large_is_refused_with_its_reason()
    {
        var log = MemoryLog.Of(400);
        _store.DropOneDuplicate = true;
        var anchor = new MirrorAnchor(_streams, () => MemoryLog.Key, TimeProvider.System);
        (
            await Should.ThrowAsync<AnchorException>(() => anchor.AnchorAsync(log, CancellationToken.None))
        ).Contradicts.ShouldBeFalse();
        (await anchor.AnchorAsync(log, CancellationToken.None)).ShouldBe(400);
        (
            await Should.ThrowAsync<MirrorUnavailableException>(() =>
                _streams.AppendAsync(
                    "large",
                    IEventStreams.NoStream,
                    [new StreamEvent(new Guid(1, 2, 3, new byte[8]), "large", new byte[(1024 * 1024) + 1])],
                    CancellationToken.None
                )
            )
        ).Message.ShouldContain("no batch of that size");
    }

    [Fact]
    public async Task A_long_catch_up_shows_how_far_it_is()
    {
        var seen = new List<long>();
        await new MirrorAnchor(_streams, () => MemoryLog.Key, TimeProvider.System, seen.Add).AnchorAsync(
            MemoryLog.Of(1300),
            CancellationToken.None
        );
        seen.ShouldBe([500, 1000, 1300]);
    }

    [Fact]
    public async Task A_follower_s_leader_is_followed_and_gossip_finds_one()
    {
        await using var leader = await InProcessEventStore.StartAsync();
        _store.LeaderPort = leader.Port;
        var log = MemoryLog.Of(5);
        await new MirrorAnchor(_streams, () => MemoryLog.Key, TimeProvider.System).AnchorAsync(
            log,
            CancellationToken.None
        );
        _store.Streams.ShouldBeEmpty();
        leader.Streams.Count.ShouldBe(2);

        var discovering = Open($"esdb+discover://127.0.0.1:{_store.Port}?tls=false");
        (await discovering.LastAsync(Entries, CancellationToken.None))!.Revision.ShouldBe(4);
    }

    [Fact]
    public async Task Credentials_are_those_of_the_connection_string()
    {
        _store.Credentials = "admin:change me";
        (
            await Should.ThrowAsync<MirrorUnavailableException>(() => _streams.LastAsync("x", CancellationToken.None))
        ).Message.ShouldContain("denies access");
        (
            await Should.ThrowAsync<MirrorUnavailableException>(() =>
                Open($"esdb://admin:wrong@127.0.0.1:{_store.Port}?tls=false").LastAsync("x", CancellationToken.None)
            )
        ).Message.ShouldContain("credentials");
        (
            await Open($"esdb://admin:change%20me@127.0.0.1:{_store.Port}?tls=false")
                .LastAsync("x", CancellationToken.None)
        ).ShouldBeNull();
    }

    [Fact]
    public async Task With_TLS_the_server_proves_who_it_is_unless_the_connection_string_forgoes_it()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(
            new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero),
            new DateTimeOffset(2050, 1, 1, 0, 0, 0, TimeSpan.Zero)
        );
        await using var secure = await InProcessEventStore.StartAsync(certificate);
        var authority = Path.GetTempFileName();
        await File.WriteAllTextAsync(authority, certificate.ExportCertificatePem());

        (
            await Open($"esdb://localhost:{secure.Port}?tlsCaFile={Uri.EscapeDataString(authority)}")
                .LastAsync("x", CancellationToken.None)
        ).ShouldBeNull();
        (
            await Open($"esdb://localhost:{secure.Port}?tlsVerifyCert=false").LastAsync("x", CancellationToken.None)
        ).ShouldBeNull();
        await Should.ThrowAsync<MirrorUnavailableException>(() =>
            Open($"esdb://localhost:{secure.Port}").LastAsync("x", CancellationToken.None)
        );
        await Should.ThrowAsync<MirrorUnavailableException>(() =>
            Open($"esdb://localhost:{secure.Port}?tls=false").LastAsync("x", CancellationToken.None)
        );
        File.Delete(authority);
    }

    [Theory]
    [InlineData("esdb://localhost", "https://localhost:2113/", true)]
    [InlineData("esdb+discover://a:2111,b?tls=false", "http://a:2111/", true)]
    [InlineData("esdb://u:p@h:1?tlsVerifyCert=false", "https://h:1/", false)]
    public void A_connection_string_is_read(string text, string address, bool verify)
    {
        var connection = EventStoreConnection.Parse(text);
        connection.AddressOf(connection.Seeds[0].Host, connection.Seeds[0].Port).ToString().ShouldBe(address);
        connection.VerifyCertificate.ShouldBe(verify);
        connection.Discover.ShouldBe(text.Contains("discover", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("http://localhost:2113")]
    [InlineData("esdb://")]
    [InlineData("esdb://h:notaport")]
    [InlineData("esdb://secretuser@h")]
    [InlineData("esdb://h?tls=perhaps")]
    [InlineData("esdb://h?defaultDeadline=soon")]
    public void What_is_no_connection_string_is_refused(string text) =>
        Should.Throw<FormatException>(() => EventStoreConnection.Parse(text)).Message.ShouldNotContain("secretuser");

    [Theory]
    [InlineData("sha", FindingKind.Modified, 13)]
    [InlineData("time", FindingKind.Modified, 13)]
    [InlineData("position", FindingKind.Reordered, 12)]
    public async Task An_entry_edited_in_the_mirror_is_found(string what, FindingKind kind, long position)
    {
        var log = MemoryLog.Of(20);
        await new MirrorAnchor(_streams, () => MemoryLog.Key, TimeProvider.System).AnchorAsync(
            log,
            CancellationToken.None
        );
        _store.Edit(
            Entries,
            12,
            data =>
                System.Text.Encoding.UTF8.GetBytes(
                    System.Text.Encoding.UTF8.GetString(data) switch
                    {
                        var text when what == "time" => text.Replace("10:00:12", "09:00:12", StringComparison.Ordinal),
                        var text when what == "position" => text.Replace("\n12\n", "\n11\n", StringComparison.Ordinal),
                        var text => text.Replace(
                            "consultation-recorded",
                            "consultation-refused",
                            StringComparison.Ordinal
                        ),
                    }
                )
        );
        var verification = await VerifyAsync(MemoryLog.Key);
        verification.Findings.ShouldContain(f => f.Kind == kind && f.Position == position);
    }

    [Fact]
    public async Task The_end_of_a_mirror_cut_off_or_its_checkpoint_edited_is_found()
    {
        var log = MemoryLog.Of(300);
        await new MirrorAnchor(_streams, () => MemoryLog.Key, TimeProvider.System).AnchorAsync(
            log,
            CancellationToken.None
        );
        _store.Streams[Entries].RemoveRange(290, 10);
        (await VerifyAsync(MemoryLog.Key)).Findings.ShouldContain(f =>
            f.Kind == FindingKind.Deleted && f.Position == 256
        );
        _store.Edit(
            Mirror.Checkpoints(MemoryLog.Key.Name),
            0,
            data => [.. data.Select(b => b == (byte)'3' ? (byte)'2' : b)]
        );
        await Should.ThrowAsync<CannotVerifyException>(() => VerifyAsync(MemoryLog.Key));
    }

    private async Task<Verification> VerifyAsync(NoteVerifier key)
    {
        var folder = Directory.CreateTempSubdirectory("ledger-mirror-").FullName;
        try
        {
            await MirrorDownload.RunAsync(_streams, key, folder, CancellationToken.None);
            return FolderVerifier.Run(folder, new Trust(key), null, entriesAlone: true);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private IEventStreams Open(string connectionString)
    {
        var streams = MirrorConnection.Open(connectionString, TimeProvider.System);
        _open.Add(streams);
        return streams;
    }
}

/// <summary>Skips, saying so, where there is no real server.</summary>
internal sealed class RealEventStoreFactAttribute : FactAttribute
{
    public RealEventStoreFactAttribute() =>
        Skip = Real is null ? "LEDGER_TEST_EVENTSTORE holds no connection string of a real EventStoreDB." : null;

    public static string? Real =>
        Environment.GetEnvironmentVariable("LEDGER_TEST_EVENTSTORE") is { Length: > 0 } connection ? connection : null;
}
