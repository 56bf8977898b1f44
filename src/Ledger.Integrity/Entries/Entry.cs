using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Ledger.Integrity.Merkle;

namespace Ledger.Integrity.Entries;

/// <summary>
/// The short canonical text that commits to one event and to its predecessor. Its RFC 6962 leaf hash both links the
/// chain (the next entry names it) and feeds the Merkle tree. It holds nothing personal: it can be given to anyone to
/// keep.
/// </summary>
/// <param name="Position">0, 1, 2 … without gaps.</param>
/// <param name="PreviousLeafHash">The leaf hash of the entry before; zero bytes at position 0.</param>
/// <param name="RecordedAt">When the ledger learnt it, by the database's clock: UTC, whole microseconds.</param>
/// <param name="StreamId">The opaque name of the event's stream.</param>
/// <param name="StreamVersion">The event's number in its stream, from 1.</param>
/// <param name="EventType">The event's name and version on the wire, such as <c>habilitation-granted.v1</c>.</param>
/// <param name="ContentHash">SHA-256(salt ‖ content): see <see cref="Entries.ContentHash"/>.</param>
public readonly record struct Entry(
    long Position,
    Hash256 PreviousLeafHash,
    DateTimeOffset RecordedAt,
    string StreamId,
    long StreamVersion,
    string EventType,
    Hash256 ContentHash
)
{
    /// <summary>The first line of every entry.</summary>
    public const string Header = "caf-ledger/entry/v1";

    /// <summary>The longest stream id and the longest event type name, in bytes of UTF-8.</summary>
    public const int MaxNameLength = 200;

    private const int MaxLength = 1024;

    private static ReadOnlySpan<byte> HeaderLine => "caf-ledger/entry/v1\n"u8;

    /// <summary>The RFC 6962 leaf hash: SHA-256(0x00 ‖ entry).</summary>
    /// <exception cref="FormatException">A field cannot be written: see <see cref="Encode()"/>.</exception>
    public Hash256 LeafHash()
    {
        Span<byte> text = stackalloc byte[MaxLength];
        return Rfc6962.LeafHash(text[..Encode(text)]);
    }

    /// <summary>The entry's text.</summary>
    /// <exception cref="FormatException">
    /// A name is empty, too long or holds a control character, or a number is
    /// negative.
    /// </exception>
    public byte[] Encode()
    {
        Span<byte> text = stackalloc byte[MaxLength];
        return text[..Encode(text)].ToArray();
    }

    /// <summary>Reads an entry's text. What is not the one canonical form is refused.</summary>
    /// <exception cref="FormatException">The text is not an entry.</exception>
    public static Entry Parse(ReadOnlySpan<byte> text)
    {
        var lines = StrictUtf8(text).Split('\n');
        if (
            lines
            is not [
                Header,
                var position,
                var previous,
                var recordedAt,
                var stream,
                var version,
                var type,
                var content,
                "",
            ]
        )
        {
            throw new FormatException($"An entry has eight lines, the first of them '{Header}'.");
        }

        if (
            !Hash256.TryParseBase64(previous, out var previousHash)
            || !Hash256.TryParseBase64(content, out var contentHash)
        )
        {
            throw new FormatException("A hash in an entry is base64 of 32 bytes.");
        }

        if (
            !DateTimeOffset.TryParseExact(
                recordedAt,
                "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'",
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal,
                out var instant
            )
        )
        {
            throw new FormatException("The time in an entry is RFC 3339 in UTC with six decimals.");
        }

        var entry = new Entry(Number(position), previousHash, instant, stream, Number(version), type, contentHash);
        return entry.Encode().AsSpan().SequenceEqual(text)
            ? entry
            : throw new FormatException("The entry is not in its canonical form.");
    }

    private static string StrictUtf8(ReadOnlySpan<byte> text)
    {
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(text);
        }
        catch (DecoderFallbackException e)
        {
            throw new FormatException("An entry is UTF-8 text.", e);
        }
    }

    private static long Number(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new FormatException($"'{text}' is not a decimal number.");

    private int Encode(Span<byte> destination)
    {
        HeaderLine.CopyTo(destination);
        var at = HeaderLine.Length;
        at = WriteNumber(destination, at, Position);
        at = WriteHash(destination, at, PreviousLeafHash);
        at = WriteInstant(destination, at, RecordedAt);
        at = WriteName(destination, at, StreamId);
        at = WriteNumber(destination, at, StreamVersion);
        at = WriteName(destination, at, EventType);
        return WriteHash(destination, at, ContentHash);
    }

    private static int WriteNumber(Span<byte> destination, int at, long number)
    {
        if (number < 0)
        {
            throw new FormatException("A number in an entry is not negative.");
        }

        Utf8Formatter.TryFormat(number, destination[at..], out var written);
        return EndLine(destination, at + written);
    }

    private static int WriteHash(Span<byte> destination, int at, Hash256 hash)
    {
        Span<byte> bytes = stackalloc byte[Hash256.Size];
        hash.CopyTo(bytes);
        Base64.EncodeToUtf8(bytes, destination[at..], out _, out var written);
        return EndLine(destination, at + written);
    }

    private static int WriteInstant(Span<byte> destination, int at, DateTimeOffset instant)
    {
        if (instant.UtcTicks % TimeSpan.TicksPerMicrosecond != 0)
        {
            throw new FormatException("The time in an entry is in whole microseconds.");
        }

        // The round-trip format has seven decimals: keep six of them.
        Utf8Formatter.TryFormat(instant.UtcDateTime, destination[at..], out _, 'O');
        const int upToMicroseconds = 26;
        destination[at + upToMicroseconds] = (byte)'Z';
        return EndLine(destination, at + upToMicroseconds + 1);
    }

    private static int WriteName(Span<byte> destination, int at, string name)
    {
        if (!Encoding.UTF8.TryGetBytes(name, destination.Slice(at, MaxNameLength), out var written) || written == 0)
        {
            throw new FormatException($"A name in an entry has 1 to {MaxNameLength} bytes.");
        }

        foreach (var character in name)
        {
            if (char.IsControl(character) || char.IsSurrogate(character))
            {
                throw new FormatException(
                    "A name in an entry has no control character and no character beyond the basic plane."
                );
            }
        }

        return EndLine(destination, at + written);
    }

    private static int EndLine(Span<byte> destination, int at)
    {
        destination[at] = (byte)'\n';
        return at + 1;
    }
}
