using System.CommandLine;

namespace Ledger.Cli.Commands;

/// <summary>
/// The number of an allocataire, from a file or from standard input: on a command line every user of the machine reads
/// it, and the shell keeps it.
/// </summary>
internal static class MatriculeOption
{
    public static Option<string> Required(string description)
    {
        var option = Optional(description);
        option.Required = true;
        return option;
    }

    public static Option<string> Optional(string description) =>
        new("--matricule-file")
        {
            Description = $"{description} The file has it on its first line; '-' is standard input.",
            DefaultValueFactory = _ => string.Empty,
            CustomParser = result =>
            {
                var file = result.Tokens[0].Value;
                try
                {
                    var line = file == "-" ? Console.In.ReadLine() : File.ReadLines(file).FirstOrDefault();
                    if (line?.Trim() is { Length: > 0 } number)
                    {
                        return number;
                    }

                    result.AddError(
                        "--matricule-file : la première ligne porte le matricule. (Its first line has the number.)"
                    );
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    result.AddError($"--matricule-file: {e.Message}");
                }

                return string.Empty;
            },
        };
}
