using Ledger.Integrity.Checkpoints;
using Ledger.Store.Publishing;
using Ledger.Store.Schema;
using Ledger.Tests;
using Ledger.Verify;
using Ledger.Verify.Folders;

namespace Ledger.Store.Tests;

/// <summary>
/// A superuser disables the triggers and changes the past of a copy. The verifier says what was done, and where.
/// </summary>
[Collection(PostgresTests.Name)]
public sealed class TamperingTests(PostgresCluster cluster)
{
    private const string EventAt = "seq_id = (select seq_id from ledger.ledger_leaf where position = $1)";

    [Theory]
    [InlineData(
        "update ledger.mt_events set bdata = bdata || ' '::bytea where @12",
        FindingKind.Modified,
        12,
        "content"
    )]
    [InlineData("update ledger.mt_events set bdata = null where @12", FindingKind.Modified, 12, "content")]
    [InlineData("update ledger.mt_events set type = 'agent-departed.v1' where @12", FindingKind.Modified, 12, "type")]
    [InlineData(
        "update ledger.mt_events set stream_id = 'convention-conv-1', version = 99 where @12",
        FindingKind.Modified,
        12,
        "stream_id"
    )]
    [InlineData("update ledger.mt_events set version = -1 where @9", FindingKind.Modified, 9, "version")]
    [InlineData(
        "update ledger.mt_events set timestamp = timestamp - interval '1 day' where @12",
        FindingKind.Modified,
        12,
        "timestamp"
    )]
    [InlineData("update ledger.mt_events set id = gen_random_uuid() where @12", FindingKind.Modified, 12, "id")]
    [InlineData(
        "update ledger.ledger_leaf set salt = decode(repeat('00', 16), 'hex') where position = 12",
        FindingKind.Modified,
        12,
        "content"
    )]
    [InlineData(
        "update ledger.ledger_leaf set content_hash = decode(repeat('00', 32), 'hex') where position = 12",
        FindingKind.Modified,
        12,
        "content_hash"
    )]
    [InlineData(
        "update ledger.ledger_leaf set leaf_hash = decode(repeat('00', 32), 'hex') where position = 12",
        FindingKind.Modified,
        12,
        "leaf_hash"
    )]
    [InlineData(
        "update ledger.ledger_leaf set recorded_at = recorded_at - interval '1 day' where position = 12",
        FindingKind.Modified,
        12,
        "recorded_at"
    )]
    [InlineData("update ledger.mt_events set seq_id = 100000 where @12", FindingKind.Modified, 12, "seq_id")]
    [InlineData("delete from ledger.mt_events where @12", FindingKind.Deleted, 12, null)]
    [InlineData(
        "delete from ledger.mt_events where @0; delete from ledger.ledger_leaf where position = 0",
        FindingKind.Deleted,
        0,
        null
    )]
    [InlineData(
        "delete from ledger.mt_events where @12; delete from ledger.ledger_leaf where position = 12",
        FindingKind.Deleted,
        12,
        null
    )]
    [InlineData(
        "update ledger.ledger_checkpoint set note = replace(note, 'ledger', 'LEDGER')",
        FindingKind.Modified,
        null,
        "checkpoint"
    )]
    public async Task One_change_gives_exactly_its_finding(
        string attack,
        FindingKind kind,
        int? position,
        string? column
    )
    {
        var verification = await AttackAsync(attack);
        verification.Findings.Select(f => (f.Kind, f.Position, f.Column)).ShouldBe([(kind, (long?)position, column)]);
    }

    [Theory]
    [InlineData(
        "update ledger.usage set authorised = false where position = 12",
        FindingKind.Modified,
        12,
        "usage.authorised"
    )]
    [InlineData(
        "update ledger.usage set agent = 'agent-zz' where position = 12",
        FindingKind.Modified,
        12,
        "usage.agent"
    )]
    [InlineData("delete from ledger.usage where position = 18", FindingKind.Deleted, 18, "usage")]
    [InlineData(
        "insert into ledger.usage select 8, kind, occurred_at, caf, siret, agent, epoch, allocataire, service, "
            + "habilitation, address, has_file, authorised from ledger.usage where position = 12",
        FindingKind.Inserted,
        8,
        "usage"
    )]
    [InlineData(
        "insert into ledger.usage select 99, kind, occurred_at, caf, siret, agent, epoch, allocataire, service, "
            + "habilitation, address, has_file, authorised from ledger.usage where position = 12",
        FindingKind.Inserted,
        99,
        "usage"
    )]
    [InlineData(
        "delete from ledger.event_tag where position = 3 and tag = 'knowledge'",
        FindingKind.Deleted,
        3,
        "event_tag"
    )]
    [InlineData("insert into ledger.event_tag values ('knowledge', 12)", FindingKind.Inserted, 12, "event_tag")]
    [InlineData("delete from ledger.habilitation_right", FindingKind.Deleted, null, "habilitation_right")]
    [InlineData(
        "update ledger.habilitation_right set agent = 'agent-zz'",
        FindingKind.Modified,
        null,
        "habilitation_right.agent"
    )]
    [InlineData(
        "update ledger.habilitation_right set valid = tstzrange(lower(valid) + interval '1 day', upper(valid))",
        FindingKind.Modified,
        null,
        "habilitation_right.valid"
    )]
    [InlineData(
        "update ledger.habilitation_right set known = int8range(lower(known), 15)",
        FindingKind.Modified,
        null,
        "habilitation_right.known"
    )]
    [InlineData(
        "update ledger.partner_right set purposes = array['aide-sociale, autre'] where upper_inf(known)",
        FindingKind.Modified,
        null,
        "partner_right.purposes"
    )]
    [InlineData(
        "update ledger.partner_right set valid = tstzrange(lower(valid), upper(valid), '()') where upper_inf(known)",
        FindingKind.Modified,
        null,
        "partner_right.valid"
    )]
    [InlineData(
        "update ledger.ledger_leaf set governance_position = 3 where position = 18",
        FindingKind.Modified,
        null,
        "governance_position"
    )]
    [InlineData(
        "insert into ledger.habilitation_right select holder || 'x', habilitation || 'x', convention, agent, siret, caf, "
            + "service, profil, purposes, communes, dossiers, valid, known, because from ledger.habilitation_right",
        FindingKind.Inserted,
        null,
        "habilitation_right"
    )]
    public async Task One_change_to_a_read_model_gives_exactly_its_finding_though_the_log_is_whole(
        string attack,
        FindingKind kind,
        int? position,
        string column
    )
    {
        var verification = await AttackAsync(attack);
        verification.Findings.Select(f => (f.Kind, f.Position, f.Column)).ShouldBe([(kind, (long?)position, column)]);
    }

    [Fact]
    public async Task An_event_put_into_the_table_is_found()
    {
        var verification = await AttackAsync(
            """
            insert into ledger.mt_events
                (seq_id, id, stream_id, version, data, bdata, type, timestamp, tenant_id, mt_dotnet_type, is_archived)
            select 100000, gen_random_uuid(), stream_id, 1000, data, bdata, type, timestamp, tenant_id, mt_dotnet_type,
                is_archived from ledger.mt_events where @12
            """
        );
        verification.Findings.Single().Kind.ShouldBe(FindingKind.Inserted);
        verification.Findings.Single().Message.ShouldContain("event 100000");
    }

    [Fact]
    public async Task Two_events_swapped_are_found_as_such()
    {
        var verification = await AttackAsync(
            "drop index ledger.idx_mt_events_event_id",
            """
            update ledger.mt_events e set bdata = o.bdata, id = o.id from ledger.mt_events o
            where (e.seq_id, o.seq_id) in (select a.seq_id, b.seq_id from ledger.ledger_leaf a, ledger.ledger_leaf b
                where (a.position, b.position) in ((12, 14), (14, 12)))
            """,
            """
            update ledger.ledger_leaf e set salt = o.salt, event_id = o.event_id from ledger.ledger_leaf o
            where (e.position, o.position) in ((12, 14), (14, 12))
            """
        );
        verification
            .Findings.Select(f => (f.Kind, f.Position))
            .ShouldBe([(FindingKind.Reordered, 12L), (FindingKind.Reordered, 14L)]);
    }

    [Fact]
    public async Task An_end_cut_off_is_found_even_when_the_checkpoints_are_cut_too()
    {
        var copy = await TamperedAsync(
            "delete from ledger.mt_events where seq_id in (select seq_id from ledger.ledger_leaf where position >= 15)",
            "delete from ledger.ledger_leaf where position >= 15"
        );
        (await TestLedger.VerifyAsync(copy))
            .Findings.Single()
            .ShouldSatisfyAllConditions(
                f => f.Kind.ShouldBe(FindingKind.Truncated),
                f => f.Position.ShouldBe(15),
                f => f.Message.ShouldContain("15 to 18")
            );

        await using var longer = await TestLedger.WithHistoryAsync(cluster, 10);
        var remembered = await longer.PublishAsync();
        await using var shorter = await TestLedger.WithHistoryAsync(cluster, 3);
        (await shorter.VerifyAsync(remembered)).Findings.ShouldContain(f => f.Kind == FindingKind.Truncated);
    }

    [Fact]
    public async Task Another_history_under_the_same_key_is_found_by_memory_alone()
    {
        await using var one = await TestLedger.WithHistoryAsync(cluster, 5);
        await using var other = await TestLedger.WithHistoryAsync(cluster, 5);
        var remembered = await one.PublishAsync();
        (await one.VerifyAsync(remembered)).IsWhole.ShouldBeTrue();
        (await other.VerifyAsync()).IsWhole.ShouldBeTrue();
        (await other.VerifyAsync(remembered)).Findings.Single().Kind.ShouldBe(FindingKind.Forked);
    }

    [Fact]
    public async Task A_log_of_another_key_or_without_a_checkpoint_cannot_be_verified()
    {
        await using var ledger = await TestLedger.WithHistoryAsync(cluster, 1);
        var stranger = new NoteSigner("ledger.example/other", new byte[32]).Verifier;
        await Should.ThrowAsync<CannotVerifyException>(() =>
            Verify.Scanning.DatabaseVerifier.RunAsync(
                ledger.ConnectionString,
                new Trust(stranger),
                logOnly: false,
                null,
                CancellationToken.None
            )
        );
        await using var silent = await TestLedger.CreateAsync(cluster);
        await silent.ConsultAsync(1);
        await Should.ThrowAsync<CannotVerifyException>(() => silent.VerifyAsync());
    }

    [Theory]
    [InlineData("delete from ledger.ledger_leaf where position = 18")]
    [InlineData("update ledger.ledger_leaf set leaf_hash = decode(repeat('00', 32), 'hex') where position = 5")]
    [InlineData("update ledger.ledger_checkpoint set note = replace(note, 'ledger', 'LEDGER')")]
    public async Task The_service_refuses_to_run_on_a_database_that_disagrees_with_itself(string attack)
    {
        await using var sound = new LedgerDatabase(await TamperedAsync());
        await TestLedger.PublisherOf(sound).RequireSoundAsync(CancellationToken.None);
        await using var copy = new LedgerDatabase(await TamperedAsync(attack));
        await Should.ThrowAsync<LedgerStateException>(() =>
            TestLedger.PublisherOf(copy).RequireSoundAsync(CancellationToken.None)
        );
    }

    [Fact]
    public async Task An_exported_folder_is_whole_and_every_change_to_it_is_found()
    {
        await using var ledger = await TestLedger.WithHistoryAsync(cluster, 600);
        var folder = Directory.CreateTempSubdirectory("ledger-export-").FullName;
        try
        {
            (
                await FolderExport.WriteAsync(
                    ledger.Database,
                    TestLedger.Signer.Verifier,
                    folder,
                    CancellationToken.None
                )
            ).ShouldBe(609);
            Verify().IsWhole.ShouldBeTrue();
            foreach (
                var path in Directory
                    .EnumerateFiles(folder, "*", SearchOption.AllDirectories)
                    .Where(f => !f.EndsWith("vkey", StringComparison.Ordinal))
            )
            {
                var bytes = await File.ReadAllBytesAsync(path);
                bytes[^5] ^= 1;
                await File.WriteAllBytesAsync(path, bytes);
                if (path.EndsWith("checkpoint", StringComparison.Ordinal))
                {
                    Should.Throw<CannotVerifyException>(() => Verify());
                }
                else
                {
                    Verify().Findings.ShouldNotBeEmpty(path);
                }

                bytes[^5] ^= 1;
                await File.WriteAllBytesAsync(path, bytes);
            }

            File.Delete(Path.Combine(folder, "tile/entries/001"));
            Verify().Findings.ShouldContain(f => f.Kind == FindingKind.Deleted && f.Position == 256);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        Verification Verify() => FolderVerifier.Run(folder, new Trust(TestLedger.Signer.Verifier), null);
    }

    private async Task<Verification> AttackAsync(params string[] attack) =>
        await TestLedger.VerifyAsync(await TamperedAsync(attack));

    // Nine acts about rights at positions 0 to 8, ten consultations at 9 to 18, all of them signed.
    private async Task<string> TamperedAsync(params string[] attack)
    {
        var copy = await cluster.CopyOnceMadeAsync(
            nameof(TamperingTests),
            async () =>
            {
                await using var ledger = await TestLedger.WithHistoryAsync(cluster, 10);
                return ledger.ConnectionString;
            }
        );
        await PostgresCluster.ExecuteAsync(
            copy,
            [
                Attacker.TriggersOff,
                .. attack.Select(a => System.Text.RegularExpressions.Regex.Replace(a, @"@(\d+)", EventAt)),
            ]
        );
        return copy;
    }
}
