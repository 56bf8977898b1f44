using Ledger.Domain.Common;
using Ledger.Domain.Knowing;
using Ledger.Domain.Partenariats;
using Ledger.Domain.Procedures;
using Ledger.Domain.Retention;
using Ledger.Tests;
using Ledger.Verify;
using static Ledger.Tests.SampleHistory;

namespace Ledger.Store.Tests;

/// <summary>The verifier says what was done away with, and whether it might be.</summary>
[Collection(PostgresTests.Name)]
public sealed class LawfulEndTests(PostgresCluster cluster)
{
    [Theory]
    [InlineData(false, false, "before its time, 2029-04-01")]
    [InlineData(true, false, null)]
    [InlineData(true, true, "legal hold")]
    public async Task A_key_that_was_destroyed_before_its_time_or_under_a_hold_is_a_finding(
        bool isDue,
        bool isHeld,
        string? finding
    )
    {
        await using var ledger = await TestLedger.WithHistoryAsync(cluster, 1);
        if (isDue)
        {
            await ledger.KeepForAMonthAsync();
        }

        if (isHeld)
        {
            await ledger.DoAsync(4001, ByCaf, new TakeStep(LegalHold.Placed, Step("h-1")));
        }

        // By a program that keeps to no rule.
        await ledger.DoAsync(4002, ByCaf, new Said(new RetentionApplied(Step("r-1", ("until", "2026-03-31")))));
        await ledger.DoAsync(4003, ByCaf, new Said(new EpochKeyDestroyed(Step("r-1", ("epoch", "2026-03")))));
        await ledger.PublishAsync();
        var verified = await ledger.VerifyAsync();
        verified.Ended.Select(e => e.Month).ShouldBe(["2026-03"]);
        if (finding is null)
        {
            verified.Findings.ShouldBeEmpty();
        }
        else
        {
            var found = verified.Findings.ShouldHaveSingleItem();
            (found.Kind, found.Position).ShouldBe((FindingKind.Premature, verified.Entries - 1));
            found.Message.ShouldContain(finding);
        }
    }

    private static ProcedureStep Step(string procedure, params (string Name, string Value)[] details) =>
        new(
            ProcedureId.Parse(procedure),
            null,
            Party.Caf,
            Day("2026-06-01"),
            "text",
            details.ToDictionary(d => d.Name, d => d.Value),
            []
        );

    private sealed record Said(LedgerEvent Event) : ICommand
    {
        public IReadOnlyList<LedgerEvent> Decide(Knowledge known, EventContext context, DateTimeOffset now) => [Event];
    }
}
