using System.CommandLine.Parsing;

namespace Ledger.Files;

/// <summary>
/// An EventStoreDB named on a command line: without a password, which every user of the machine would read there. It comes
/// from the variable <c>LEDGER_MIRROR_PASSWORD</c>.
/// </summary>
internal static class MirrorOption
{
    private const string Variable = "LEDGER_MIRROR_PASSWORD";

    /// <summary>The address with the password that the environment has.</summary>
    public static string? Read(ArgumentResult result)
    {
        var address = result.Tokens[0].Value;
        if (CredentialsIn(address) is not var (start, user))
        {
            return address;
        }

        if (user.Contains(':', StringComparison.Ordinal))
        {
            result.AddError($"A password stands on no command line: name the user alone, and set {Variable}.");
            return null;
        }

        return Environment.GetEnvironmentVariable(Variable) is { } password
            ? $"{address[..start]}{user}:{Uri.EscapeDataString(password)}{address[(start + user.Length)..]}"
            : address;
    }

    private static (int Start, string User)? CredentialsIn(string address)
    {
        var start = address.IndexOf("://", StringComparison.Ordinal) + "://".Length;
        // A password with a question mark ends no address: what is before the last '@' is not to be shown either.
        var end = start < "://".Length ? -1 : address.LastIndexOf('@');
        return end < start ? null : (start, address[start..end]);
    }
}
