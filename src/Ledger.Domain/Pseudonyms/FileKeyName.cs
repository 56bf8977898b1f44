namespace Ledger.Domain.Pseudonyms;

/// <summary>Which keys of files a pseudonym was made with.</summary>
/// <param name="Name">What they give of a constant, base64.</param>
/// <param name="Before">The names of those that they took the place of.</param>
public sealed record FileKeyName(string Name, IReadOnlySet<string> Before)
{
    /// <summary>Whether they are those that the log names, or took their place.</summary>
    /// <param name="said">What the log names; null where no file was erased.</param>
    public bool IsOf(string? said) => said is null || said == Name || Before.Contains(said);
}
