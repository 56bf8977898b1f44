using System.CommandLine;

namespace Ledger.Files;

/// <summary>The option that names a PostgreSQL: without a password, and over TLS where it is on another machine.</summary>
internal static class ConnectionOption
{
    public static Option<string> Required()
    {
        var option = Optional();
        option.Required = true;
        return option!;
    }

    public static Option<string?> Optional() =>
        new("--connection")
        {
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
