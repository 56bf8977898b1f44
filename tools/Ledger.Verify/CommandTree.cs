using System.CommandLine;
using Ledger.Files;
using Ledger.Presentation;
using Ledger.Verify.Commands;

namespace Ledger.Verify;

/// <summary>Every command of the verifier.</summary>
public static class CommandTree
{
    /// <summary>The commands, described in the language of this process.</summary>
    public static RootCommand Create()
    {
        var trust = new TrustOptions();
        var root = new RootCommand
        {
            ReceiptCommand.Create(trust),
            EvidenceCommand.Create(trust),
            WitnessCommand.Create(),
            Report.Output,
            LanguageOption.Create(),
        };
        foreach (var command in LogCommands.Create(trust))
        {
            root.Subcommands.Add(command);
        }

        trust.AddTo(root);
        HelpWords.Describe(root, Words.Spoken, "verify-help");
        return root;
    }
}
