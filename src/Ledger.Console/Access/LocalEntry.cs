using System.Collections.Concurrent;

namespace Ledger.Pages.Access;

/// <summary>The keys by which whoever runs the ledger signs in on its machine: each once, for a quarter of an hour.</summary>
internal sealed class LocalEntry(TimeProvider time)
{
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(15);

    private readonly ConcurrentDictionary<string, DateTimeOffset> _keys = new();

    /// <summary>One more.</summary>
    public string NewKey()
    {
        var key = Sessions.Random(24);
        _keys[key] = time.GetUtcNow();
        return key;
    }

    /// <summary>Whether a key opens, without using it.</summary>
    public bool Opens(string? key) =>
        key is not null && _keys.TryGetValue(key, out var given) && time.GetUtcNow() - given <= Life;

    /// <summary>Uses a key.</summary>
    /// <returns>Whether it opened.</returns>
    public bool Use(string? key) => Opens(key) && _keys.TryRemove(key!, out _);
}
