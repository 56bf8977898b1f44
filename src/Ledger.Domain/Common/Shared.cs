namespace Ledger.Domain.Common;

/// <summary>
/// Gives the same object for equal values, as far as it remembers: the identifiers of a few thousand agents and
/// partners stand in millions of events. Bounded; two threads at once may only make it forget.
/// </summary>
internal static class Shared<T>
    where T : class
{
    private const int Slots = 1 << 14;

    private static readonly T?[] Values = new T?[Slots];

    /// <summary>An object that is equal to the value.</summary>
    public static T Of(T value)
    {
        ref var slot = ref Values[value.GetHashCode() & (Slots - 1)];
        var known = Volatile.Read(ref slot);
        if (value.Equals(known))
        {
            return known;
        }

        Volatile.Write(ref slot, value);
        return value;
    }
}
