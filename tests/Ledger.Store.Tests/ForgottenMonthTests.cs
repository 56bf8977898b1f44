using Ledger.Domain.Common;
using Ledger.Domain.Consultations;
using Ledger.Domain.Control;
using Ledger.Domain.Dossiers;
using Ledger.Domain.Pseudonyms;
using Ledger.Domain.Rights;
using Ledger.Store.Anomalies;
using Ledger.Store.Reading;
using Ledger.Tests;
using static Ledger.Tests.SampleHistory;

namespace Ledger.Store.Tests;

/// <summary>What is learnt late about a file, with the key of the month and once it is destroyed.</summary>
[Collection(PostgresTests.Name)]
public sealed class ForgottenMonthTests(PostgresCluster cluster)
{
    private static readonly UsageScope Everything = new(LegalTime.Earliest, LegalTime.Latest);

    [Fact]
    public async Task A_mutation_learnt_late_is_held_against_a_use_until_the_key_of_its_month_is_destroyed()
    {
        await using var ledger = await TestLedger.WithHistoryAsync(cluster, 0);
        await ledger.ConsultAsync(200, "2026-03-10T10:00:00Z");
        await ledger.ConsultAsync(201, "2026-04-10T10:00:00Z");
        await LeavesAsync(ledger, 300, "2026-02-01");
        (await NowAsync(ledger)).ShouldBe([Reason.OutsidePerimeter, Reason.OutsidePerimeter]);
        (await IrregularAsync(ledger)).ShouldBe(2);

        ledger.Keys.Destroyed.Add("2026-03");
        var found = await AllAsync(ledger);
        found.Select(c => c.AsKnownAt.Reasons.Single()).ShouldBe([Reason.FileForgotten, Reason.OutsidePerimeter]);
        var forgotten = found[0];
        (forgotten.AsKnownAt.IsTold, forgotten.AsKnownAt.IsIrregular, forgotten.Differs).ShouldBe(
            (false, false, false)
        );
        (forgotten.Dossier, forgotten.Details).ShouldBe((null, null));
        found[1].Details!.BusinessFile.ShouldBe("AS-1");
        (await IrregularAsync(ledger)).ShouldBe(1, "nobody is accused for want of a key");
    }

    [Fact]
    public async Task A_use_without_right_stays_so_once_the_key_of_its_month_is_destroyed()
    {
        await using var ledger = await TestLedger.WithHistoryAsync(cluster, 0);
        await ledger.ConsultByStrangerAsync(200);
        await LeavesAsync(ledger, 300, "2026-05-01");
        ledger.Keys.Destroyed.Add("2026-03");
        (await NowAsync(ledger)).ShouldBe([Reason.NoHabilitation]);
    }

    [Fact]
    public async Task A_file_that_never_moved_is_judged_without_the_key()
    {
        await using var ledger = await TestLedger.WithHistoryAsync(cluster, 0);
        await ledger.ConsultAsync(200);
        ledger.Keys.Destroyed.Add("2026-03");
        (await AllAsync(ledger)).Single().AsKnownAt.Authorised.ShouldBeTrue();
    }

    [Fact]
    public async Task A_mutation_learnt_late_raises_the_alert_and_so_does_the_rectification_of_one()
    {
        await using var ledger = await TestLedger.WithHistoryAsync(cluster, 0);
        var watcher = new AnomalyWatcher(
            ledger.Database,
            ledger.Replica,
            ledger.Writer,
            ledger.History,
            new Guid(1, 0, 0, new byte[8])
        );
        await ledger.ConsultAsync(200);
        (await watcher.ObserveAsync(CancellationToken.None)).ShouldBe(0);
        await LeavesAsync(ledger, 300, "2026-02-01");
        (await watcher.ObserveAsync(CancellationToken.None)).ShouldBe(1);

        // She came from elsewhere after all: as long as that stands, the use was of another person's file.
        var back = await LeavesAsync(ledger, 301, "2026-02-15", back: true);
        await ledger.ConsultAsync(202, "2026-03-11T10:00:00Z");
        (await watcher.ObserveAsync(CancellationToken.None)).ShouldBe(0);
        await ledger.DoAsync(302, ByCaf, new Rectify(back, "another person's"));
        (await watcher.ObserveAsync(CancellationToken.None)).ShouldBe(1);
    }

    [Fact]
    public async Task An_address_is_found_in_every_month_that_has_a_key_and_told_in_clear()
    {
        await using var ledger = await TestLedger.WithHistoryAsync(cluster, 0);
        foreach (var (number, at) in new[] { (200, "2026-03-10T10:00:00Z"), (201, "2026-04-10T10:00:00Z") })
        {
            var details = new Details("s-1", "10.0.0.1", "portal");
            await ledger.ConsultAsync(
                number,
                consultation: RecordConsultation.Of(
                    Id(number),
                    Use(at),
                    details,
                    KeyOf(LegalTime.EpochOf(At(at))),
                    Id(number)
                )
            );
        }

        (await FromAsync("10.0.0.1")).ShouldBe(2);
        (await FromAsync("10.0.0.2")).ShouldBe(0);
        (await RadiusAsync()).Addresses.ShouldBe(["10.0.0.1"]);
        ledger.Keys.Destroyed.Add("2026-03");
        (await FromAsync("10.0.0.1")).ShouldBe(1);
        ledger.Keys.Destroyed.Add("2026-04");
        (await FromAsync("10.0.0.1")).ShouldBe(0);
        (await RadiusAsync()).Addresses.ShouldBeEmpty();

        async Task<int> FromAsync(string address) =>
            (
                await ledger.History.ConsultationsAsync(
                    Everything with
                    {
                        Address = address,
                    },
                    onlyWithoutFile: false,
                    await ledger.KnownAsync(),
                    new Paging(10),
                    CancellationToken.None
                )
            )
                .Items
                .Count;

        async Task<BlastRadius> RadiusAsync() =>
            await ledger.History.BlastRadiusAsync(
                Everything with
                {
                    Siret = Commune,
                    Agent = Agent,
                },
                await ledger.KnownAsync(),
                CancellationToken.None
            );
    }

    // The file goes to another Caf, or comes back from there.
    private static async Task<long> LeavesAsync(TestLedger ledger, int request, string on, bool back = false)
    {
        var (here, there) = (TheDossier, new DossierIdentity(DossierOf(2), CafCode.Parse("591")));
        var (from, to) = back ? (there, here) : (here, there);
        var transfer = new DossierTransferred(from.Pseudonym, from.Caf, to.Pseudonym, to.Caf, Day(on));
        return (await ledger.DoAsync(request, ByCaf, new RecordDossier(transfer))).Position;
    }

    private static async Task<IReadOnlyList<Reading.ConsultationFound>> AllAsync(TestLedger ledger) =>
        (
            await ledger.History.ConsultationsAsync(
                Everything,
                onlyWithoutFile: false,
                await ledger.KnownAsync(),
                new Paging(10),
                CancellationToken.None
            )
        ).Items;

    private static async Task<List<Reason>> NowAsync(TestLedger ledger) =>
        [.. (await AllAsync(ledger)).SelectMany(c => c.AsKnownAt.Reasons)];

    private static async Task<int> IrregularAsync(TestLedger ledger) =>
        (
            await ledger.History.IrregularAsync(
                Everything,
                VerdictFilter.Now,
                null,
                await ledger.KnownAsync(),
                new Paging(10),
                CancellationToken.None
            )
        )
            .Items
            .Count;
}
