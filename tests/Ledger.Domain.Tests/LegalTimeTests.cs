using Ledger.Domain.Common;
using static Ledger.Tests.SampleHistory;

namespace Ledger.Domain.Tests;

public sealed class LegalTimeTests
{
    [Theory]
    [InlineData("2026-01-31", 1, "2026-02-28")]
    [InlineData("2028-01-31", 1, "2028-02-29")]
    [InlineData("2028-02-29", 3, "2028-05-29")]
    [InlineData("2027-11-30", 3, "2028-02-29")]
    [InlineData("2026-11-30", 3, "2027-02-28")]
    [InlineData("2026-08-31", 6, "2027-02-28")]
    [InlineData("2026-05-31", 1, "2026-06-30")]
    [InlineData("2026-03-15", 6, "2026-09-15")]
    public void A_term_ends_on_the_same_day_of_the_later_month_or_on_its_last(string from, int months, string end) =>
        LegalTime.AfterMonths(Day(from), months).ShouldBe(Day(end));

    [Theory]
    [InlineData("2026-03-29", "2026-03-28T23:00:00Z")]
    [InlineData("2026-03-30", "2026-03-29T22:00:00Z")]
    [InlineData("2026-10-25", "2026-10-24T22:00:00Z")]
    [InlineData("2026-10-26", "2026-10-25T23:00:00Z")]
    public void A_day_begins_at_midnight_in_Paris_across_the_changes_of_clock(string day, string start)
    {
        LegalTime.StartOf(Day(day)).ShouldBe(At(start));
        LegalTime.DayOf(At(start)).ShouldBe(Day(day));
        LegalTime.DayOf(At(start).AddMicroseconds(-1)).ShouldBe(Day(day).AddDays(-1));
    }

    [Fact]
    public void The_day_of_the_change_of_clock_has_23_or_25_hours()
    {
        (LegalTime.StartOf(Day("2026-03-30")) - LegalTime.StartOf(Day("2026-03-29"))).ShouldBe(TimeSpan.FromHours(23));
        (LegalTime.StartOf(Day("2026-10-26")) - LegalTime.StartOf(Day("2026-10-25"))).ShouldBe(TimeSpan.FromHours(25));
    }
}
