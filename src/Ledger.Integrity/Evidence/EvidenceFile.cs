using System.Text.Json;

namespace Ledger.Integrity.Evidence;

/// <summary>
/// Evidence as one file: a page that a browser shows and prints, with the data that prove it in one element. The data
/// prove themselves, whatever became of the page around them.
/// </summary>
public static class EvidenceFile
{
    private const string Begin = "<script type=\"application/json\" id=\"caf-ledger-evidence-v2\">";
    private const string End = "</script>";

    /// <summary>The element that holds the data.</summary>
    public static string Element(Evidence evidence) =>
        // The serializer escapes '<', '>' and '&': nothing in the data can end the element that holds them.
        Begin + JsonSerializer.Serialize(evidence, StrictJson.Default.Evidence) + End;

    /// <summary>What stands before and after the data; null where there are none.</summary>
    internal static (string Before, string After)? Around(string file)
    {
        return Place(file) is var (begin, _, end) ? (file[..begin], file[(end + End.Length)..]) : null;
    }

    // A browser ends the data at more than what is written here ("</SCRIPT>", "</script "): so the first '<' in them does.
    private static (int Begin, int Data, int End)? Place(string file)
    {
        var begin = file.IndexOf(Begin, StringComparison.Ordinal);
        var data = begin + Begin.Length;
        var end = begin < 0 ? -1 : file.IndexOf('<', data);
        if (end < 0)
        {
            return null;
        }

        return file.AsSpan(end).StartsWith(End, StringComparison.Ordinal)
            ? (begin, data, end)
            : throw new FormatException(
                "The data hold a '<', at which a browser may end them: they are not as issued."
            );
    }

    /// <summary>
    /// Reads the data in a file. Nothing of them is proved yet: see <see cref="EvidenceProof"/>.
    /// </summary>
    /// <exception cref="NoEvidenceException">The file carries none.</exception>
    /// <exception cref="FormatException">The data are malformed.</exception>
    public static Evidence Read(string file)
    {
        if (Place(file) is not var (_, begin, end))
        {
            throw new NoEvidenceException();
        }

        try
        {
            return JsonSerializer.Deserialize(file.AsSpan(begin..end), StrictJson.Default.Evidence)
                ?? throw new FormatException("The evidence in the file is empty.");
        }
        catch (Exception e) when (e is not (FormatException or OutOfMemoryException))
        {
            // Hostile data end in any of a parser's exceptions: to the caller they are all the same.
            throw new FormatException($"The evidence in the file is malformed: {e.Message}");
        }
    }
}

/// <summary>A file carries no evidence at all.</summary>
public sealed class NoEvidenceException() : FormatException("The file holds no evidence.");
