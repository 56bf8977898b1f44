using System.CommandLine;

namespace Ledger.Files;

/// <summary>The option that names a PostgreSQL: without a password, and over TLS where it is on another machine.</summary>
internal static class ConnectionOption
{
    public static Option<string> Required(string description)
    {
        var option = Optional(description);
        option.Required = true;
        return option!;
    }

    public static Option<string?> Optional(string description) =>
        new("--connection")
        {
            Description = description,
            CustomParser = result =>
            {
                try
                {
                    return DatabaseConnection.OnCommandLine(result.Tokens[0].Value);
                }
                catch (FormatException e)
                {
                    result.AddError($"--connection: {e.Message}");
                    return null;
                }
            },
        };
}
