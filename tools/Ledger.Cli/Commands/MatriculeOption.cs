using System.CommandLine;
using Ledger.Presentation;

namespace Ledger.Cli.Commands;

/// <summary>
/// The number of an allocataire, from a file or from standard input: on a command line every user of the machine reads
/// it, and the shell keeps it.
/// </summary>
internal static class MatriculeOption
{
    public static Option<string> Required()
    {
        var option = Optional();
        option.Required = true;
        return option;
    }

    public static Option<string> Optional() =>
        new("--matricule-file")
        {
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

                    result.AddError(Words.Spoken.Say("cli.matricule-on-first-line"));
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    result.AddError($"--matricule-file: {e.Message}");
                }

                return string.Empty;
            },
        };
}
