using System.CommandLine;
using Ledger.Cli.Commands;
using Ledger.Files;
using Ledger.Presentation;

namespace Ledger.Cli;

/// <summary>Every command.</summary>
public static class CommandTree
{
    /// <summary>The commands, described in the language of this process.</summary>
    public static RootCommand Create()
    {
        var root = new RootCommand
        {
            ServeCommand.Create(),
            DatabaseCommand.Create(),
            DemoCommand.Create(),
            FillCommand.Create(),
            RecordCommand.Create(),
            ReplayCommand.Create(),
            ExportCommand.Create(),
            EvidenceCommand.Create(),
            ReceiptCommand.Create(),
            RebuildCommand.Create(),
            AnchorsCommand.Create(),
            RetentionCommand.Create(),
            KeysCommand.Create(),
            CompletionCommand.Create(),
        };
        foreach (var command in QuestionCommands.Create().Concat(ProcedureCommands.Create()))
        {
            root.Subcommands.Add(command);
        }

        root.Options.Add(LanguageOption.Create());
        HelpWords.Describe(root, Words.Spoken, "help");
        return root;
    }
}
