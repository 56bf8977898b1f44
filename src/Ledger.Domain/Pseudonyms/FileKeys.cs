using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Ledger.Domain.Common;

namespace Ledger.Domain.Pseudonyms;

/// <summary>
/// The keys of files: what leads from the number of a file to its lasting pseudonym. A file that was erased is taken out
/// of the key that knew it, so that nobody finds what was recorded of it by its number any more; what is recorded of it
/// later has another pseudonym, under a key of the next generation.
/// </summary>
public sealed class FileKeys
{
    private const string Predecessor = "before ";

    private readonly IReadOnlyList<PuncturableKey> _generations;

    private FileKeys(IReadOnlyList<PuncturableKey> generations, IReadOnlySet<string> before) =>
        (_generations, Before) = (generations, before);

    /// <summary>The names of the keys that these took the place of: they know files that were erased since.</summary>
    public IReadOnlySet<string> Before { get; }

    /// <summary>Keys of which nothing was erased.</summary>
    /// <param name="key">32 random bytes.</param>
    public static FileKeys New(byte[] key) => new([PuncturableKey.Whole(key)], new HashSet<string>());

    /// <summary>Reads what <see cref="ToBytes"/> wrote.</summary>
    /// <exception cref="FormatException">The bytes are not keys of files.</exception>
    public static FileKeys Parse(ReadOnlySpan<byte> bytes)
    {
        var lines = Encoding
            .UTF8.GetString(bytes)
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .ToLookup(line => line.StartsWith(Predecessor, StringComparison.Ordinal));
        var nodes = lines[false]
            .Select(line =>
                line.Split(' ') is [var generation, ['/', .. var prefix], var key]
                && int.TryParse(generation, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                    ? (Number: number, Prefix: prefix, Key: Base64Url.DecodeFromChars(key))
                    : throw new FormatException("A key of files is written 'generation /prefix key', a line each.")
            )
            .GroupBy(n => n.Number)
            .OrderBy(g => g.Key)
            .ToList();
        return nodes.Count > 0 && nodes.Select(g => g.Key).SequenceEqual(Enumerable.Range(0, nodes.Count))
            ? new FileKeys(
                [.. nodes.Select(g => PuncturableKey.Of(g.Select(n => (n.Prefix, n.Key))))],
                lines[true].Select(line => line[Predecessor.Length..]).ToHashSet(StringComparer.Ordinal)
            )
            : throw new FormatException("A key of files has its generations without a gap.");
    }

    /// <summary>Writes them. Whoever reads it ties numbers of files to what was recorded of them.</summary>
    public byte[] ToBytes() =>
        Encoding.UTF8.GetBytes(
            string.Concat(Before.Order(StringComparer.Ordinal).Select(name => $"{Predecessor}{name}\n"))
                + string.Concat(
                    _generations.SelectMany(
                        (key, number) =>
                            key.Nodes.Select(n =>
                                string.Create(
                                    CultureInfo.InvariantCulture,
                                    $"{number} /{n.Prefix} {Base64Url.EncodeToString(n.Key)}\n"
                                )
                            )
                    )
                )
        );

    /// <summary>
    /// The lasting pseudonym of a file: HMAC-SHA-256 of (Caf, matricule), cut to 16 bytes. A matricule has seven
    /// digits: without a key, trying them all would undo any hash.
    /// </summary>
    /// <param name="caf">The Caf that holds the file.</param>
    /// <param name="matricule">Its number there.</param>
    public string Of(CafCode caf, Matricule matricule) => Of(caf, matricule, out _);

    /// <summary>The same, and whether what was recorded of it before was erased.</summary>
    public string Of(CafCode caf, Matricule matricule, out bool wasErased)
    {
        var name = NameOf(caf, matricule);
        var point = PointOf(name);
        for (var i = 0; ; i++)
        {
            if (_generations[i].Leaf(point) is { } leaf)
            {
                wasErased = i > 0;
                return Base64Url.EncodeToString(HMACSHA256.HashData(leaf, name).AsSpan(0, Pseudonym.Size));
            }
        }
    }

    /// <summary>The keys without a file.</summary>
    /// <param name="caf">The Caf that holds it.</param>
    /// <param name="matricule">Its number there.</param>
    /// <param name="next">32 random bytes, for a generation that knows every file.</param>
    /// <param name="name">What these keys are called: those without the file take their place.</param>
    public FileKeys Without(CafCode caf, Matricule matricule, byte[] next, string name)
    {
        var point = PointOf(NameOf(caf, matricule));
        var generations = _generations.ToList();
        var knows = generations.FindIndex(key => key.Leaf(point) is not null);
        generations[knows] = generations[knows].Without(point);
        if (knows == generations.Count - 1)
        {
            generations.Add(PuncturableKey.Whole(next));
        }

        return new FileKeys(generations, Before.Append(name).ToHashSet(StringComparer.Ordinal));
    }

    private static byte[] NameOf(CafCode caf, Matricule matricule) =>
        Encoding.UTF8.GetBytes($"{caf}\n{matricule.Value}");

    private static byte[] PointOf(byte[] name) => SHA256.HashData(name)[..PuncturableKey.PointSize];
}
