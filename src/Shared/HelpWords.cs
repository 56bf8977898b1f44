using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using Ledger.Presentation;

namespace Ledger.Files;

/// <summary>
/// Gives every command, argument and option of a program its text: <c>FILE.PATH</c> for a command, <c>FILE.PATH.NAME</c>
/// or else <c>FILE.NAME</c> for what it takes, and <c>FILE.PATH.example</c> below.
/// </summary>
internal static class HelpWords
{
    /// <summary>Does so for the program's commands.</summary>
    /// <param name="root">The program.</param>
    /// <param name="words">In which language.</param>
    /// <param name="file">The file that has the texts.</param>
    public static void Describe(RootCommand root, Words words, string file) =>
        Describe(root, words, file, string.Empty);

    private static void Describe(Command command, Words words, string file, string path)
    {
        var own = path.Length == 0 ? "program" : path;
        command.Description = words.Template($"{file}.{own}");
        foreach (var help in command.Options.OfType<HelpOption>())
        {
            help.Description = words.Template("cli.help");
            help.Action = new HelpWithExample((HelpAction)help.Action!, words, file);
        }

        foreach (var symbol in command.Options.Where(o => o.Description is null).Concat<Symbol>(command.Arguments))
        {
            var specific = $"{file}.{own}.{symbol.Name}";
            symbol.Description = words.Template(words.Has(specific) ? specific : $"{file}.{symbol.Name}");
        }

        foreach (var below in command.Subcommands)
        {
            Describe(below, words, file, path.Length == 0 ? below.Name : $"{path}-{below.Name}");
        }
    }

    // What a command's own help ends with.
    private sealed class HelpWithExample(HelpAction help, Words words, string file) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parse)
        {
            var done = help.Invoke(parse);
            var path = string.Join('-', Names(parse.CommandResult).Reverse().Skip(1));
            if (words.Has($"{file}.{path}.example"))
            {
                var output = parse.InvocationConfiguration.Output;
                output.WriteLine(words.Template("cli.example"));
                output.WriteLine("  " + words.Template($"{file}.{path}.example"));
                output.WriteLine();
            }

            return done;
        }

        private static IEnumerable<string> Names(CommandResult? result)
        {
            for (; result is not null; result = result.Parent as CommandResult)
            {
                yield return result.Command.Name;
            }
        }
    }
}
