using System.Text;
using FsCheck;
using FsCheck.Xunit;
using Ledger.Integrity.Entries;

namespace Ledger.Integrity.Tests;

public sealed class EntryTests
{
    private static readonly Entry Sample = new(
        7,
        Hash256.Of("before"u8),
        new DateTimeOffset(2026, 3, 20, 9, 30, 0, TimeSpan.Zero).AddMicroseconds(42),
        "journal-763-2026-03-20",
        3,
        "consultation-recorded.v1",
        Hash256.Of("content"u8)
    );

    [Fact]
    public void The_text_is_the_documented_one() =>
        Encoding
            .UTF8.GetString(Sample.Encode())
            .ShouldBe(
                "caf-ledger/entry/v1\n7\n"
                    + Hash256.Of("before"u8).ToBase64()
                    + "\n2026-03-20T09:30:00.000042Z\njournal-763-2026-03-20\n3\nconsultation-recorded.v1\n"
                    + Hash256.Of("content"u8).ToBase64()
                    + "\n"
            );

    [Property]
    public void An_entry_read_back_is_the_same(uint position, uint version, long microseconds)
    {
        var entry = Sample with
        {
            Position = position,
            StreamVersion = version,
            RecordedAt = DateTimeOffset.UnixEpoch.AddMicroseconds(Math.Abs(microseconds % 4_000_000_000_000_000)),
        };
        Entry.Parse(entry.Encode()).ShouldBe(entry);
    }

    [Fact]
    public void Changing_any_field_changes_the_leaf_hash()
    {
        Entry[] changed =
        [
            Sample with
            {
                Position = 8,
            },
            Sample with
            {
                PreviousLeafHash = Hash256.Zero,
            },
            Sample with
            {
                RecordedAt = Sample.RecordedAt.AddMicroseconds(1),
            },
            Sample with
            {
                StreamId = "journal-763-2026-03-21",
            },
            Sample with
            {
                StreamVersion = 4,
            },
            Sample with
            {
                EventType = "consultation-recorded.v2",
            },
            Sample with
            {
                ContentHash = Hash256.Zero,
            },
        ];
        changed.Append(Sample).Select(e => e.LeafHash()).Distinct().Count().ShouldBe(changed.Length + 1);
    }

    [Theory]
    [InlineData("a\nb")]
    [InlineData("a\u0000b")]
    [InlineData("")]
    public void A_name_that_could_forge_a_line_is_refused(string name)
    {
        Should.Throw<FormatException>(() => (Sample with { StreamId = name }).Encode());
        Should.Throw<FormatException>(() => (Sample with { EventType = name }).Encode());
    }

    [Fact]
    public void A_name_of_more_than_200_bytes_is_refused() =>
        Should.Throw<FormatException>(() => (Sample with { StreamId = new string('é', 101) }).Encode());

    [Fact]
    public void A_time_finer_than_a_microsecond_is_refused() =>
        Should.Throw<FormatException>(() => (Sample with { RecordedAt = Sample.RecordedAt.AddTicks(1) }).Encode());

    [Theory]
    [InlineData("\n7\n", "\n07\n")]
    [InlineData("\n7\n", "\n-7\n")]
    [InlineData(".000042Z", ".00004Z")]
    [InlineData("Z\n", "+00:00\n")]
    [InlineData("entry/v1", "entry/v2")]
    public void A_text_that_is_not_canonical_is_refused(string part, string other)
    {
        var text = Encoding.UTF8.GetString(Sample.Encode()).Replace(part, other, StringComparison.Ordinal);
        Should.Throw<FormatException>(() => Entry.Parse(Encoding.UTF8.GetBytes(text)));
    }

    [Fact]
    public void Bytes_cannot_move_between_salt_and_content()
    {
        var salt = new byte[ContentHash.SaltSize];
        ContentHash.Of(salt, "content"u8).ShouldNotBe(ContentHash.Of(salt, "\0content"u8));
        Should.Throw<ArgumentException>(() => ContentHash.Of(new byte[15], "content"u8));
    }
}
