using System.Text;

namespace Ledger.Verify;

/// <summary>
/// A file of text that is verified. It is UTF-8 and nothing else: whoever takes a mark for another encoding reads other
/// words than a browser shows.
/// </summary>
internal static class TextFile
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <exception cref="FormatException">It is not UTF-8.</exception>
    public static string Read(string file) => Text(File.ReadAllBytes(file));

    /// <exception cref="FormatException">It is not UTF-8.</exception>
    public static async Task<string> ReadAsync(string file, CancellationToken cancel) =>
        Text(await File.ReadAllBytesAsync(file, cancel));

    private static string Text(byte[] bytes)
    {
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw new FormatException("The file is not UTF-8 text.", e);
        }
    }
}
