namespace Ledger.Domain.Common;

/// <summary>
/// Gives the same string for the same text, as far as it remembers: the identifiers of a few thousand agents and
/// partners stand in millions of events. Bounded; two threads at once may only make it forget.
/// </summary>
internal static class TextPool
{
    private const int Slots = 1 << 14;

    private static readonly string?[] Texts = new string?[Slots];

    /// <summary>A string that is equal to the text.</summary>
    public static string Shared(string text)
    {
        ref var slot = ref Texts[text.GetHashCode(StringComparison.Ordinal) & (Slots - 1)];
        var known = Volatile.Read(ref slot);
        if (known == text)
        {
            return known;
        }

        Volatile.Write(ref slot, text);
        return text;
    }
}
