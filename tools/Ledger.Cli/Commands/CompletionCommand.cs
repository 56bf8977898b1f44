using System.CommandLine;
using Ledger.Service.Hosting;

namespace Ledger.Cli.Commands;

/// <summary><c>ledger completion</c>: a script by which a shell completes commands and options.</summary>
internal static class CompletionCommand
{
    private const string Bash = """
        _ledger() {
            local IFS=$'\n'
            COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -o default -F _ledger ledger
        """;

    private const string Zsh = """
        #compdef ledger
        _ledger() {
            local -a found
            found=("${(@f)$("${words[1]}" "[suggest:${#BUFFER}]" "${BUFFER}" 2>/dev/null)}")
            compadd -- "${found[@]}"
        }
        compdef _ledger ledger
        """;

    public static Command Create()
    {
        var shell = new Argument<string>("SHELL");
        shell.AcceptOnlyFromAmong("bash", "zsh");
        var command = new Command("completion") { shell };
        command.SetAction(parse =>
        {
            Console.Out.WriteLine(parse.GetRequiredValue(shell) == "bash" ? Bash : Zsh);
            return ExitCode.Done;
        });
        return command;
    }
}
