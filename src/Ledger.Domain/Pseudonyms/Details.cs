namespace Ledger.Domain.Pseudonyms;

/// <summary>What a fact of use says besides who, what and when: it expires with its month.</summary>
/// <param name="Session">The portal's session.</param>
/// <param name="Address">Where from, as the portal names it.</param>
/// <param name="Channel">By which way: portal, web service.</param>
/// <param name="ClientApplication">The calling application.</param>
/// <param name="BusinessFile">The partner's own file that it serves.</param>
public sealed record Details(
    string? Session = null,
    string? Address = null,
    string? Channel = null,
    string? ClientApplication = null,
    string? BusinessFile = null
)
{
    /// <summary>Enciphers them under the key of a month; null where nothing is said.</summary>
    /// <param name="key">The key.</param>
    /// <param name="of">The id of the request that records them.</param>
    public SealedDetails? Seal(MonthKey key, Guid of) =>
        this == new Details()
            ? null
            : new(
                Session is null ? null : key.Seal("session", Session),
                Address is null ? null : key.Seal("address", Address),
                Channel is null && ClientApplication is null && BusinessFile is null
                    ? null
                    : key.Seal("rest", of, $"{Channel}\n{ClientApplication}\n{BusinessFile}")
            );
}

/// <summary>The same, enciphered under the key of the month in which it took place: base64url.</summary>
/// <param name="Session">The same throughout the month for the same session.</param>
/// <param name="Address">The same throughout the month for the same address.</param>
/// <param name="Rest">
/// Channel, client application and business file, a line each: different for each fact of use.
/// </param>
public sealed record SealedDetails(string? Session = null, string? Address = null, string? Rest = null)
{
    /// <summary>Reads them.</summary>
    /// <param name="key">The key of the month.</param>
    /// <param name="of">The id of the request that recorded them.</param>
    /// <exception cref="InvalidDataException">One is another's, or was changed.</exception>
    public Details Open(MonthKey key, Guid of)
    {
        var rest = Rest is null ? ["", "", ""] : key.Open("rest", of, Rest).Split('\n');
        return rest is [var channel, var application, var file]
            ? new Details(
                Session is null ? null : key.Open("session", Session),
                Address is null ? null : key.Open("address", Address),
                OrNull(channel),
                OrNull(application),
                OrNull(file)
            )
            : throw new InvalidDataException("The details of a use are three lines.");
    }

    private static string? OrNull(string text) => text.Length == 0 ? null : text;
}
