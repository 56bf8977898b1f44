using System.CommandLine;
using Ledger.Service.Hosting;

namespace Ledger.Cli.Commands;

/// <summary>The options that name a device (PKCS#11) which has the keys, instead of files.</summary>
internal sealed class VaultOptions
{
    public Option<string?> Module { get; } = new("--pkcs11-module");

    public Option<string?> Token { get; } = new("--pkcs11-token");

    public Option<string?> PinFile { get; } = new("--pkcs11-pin-file");

    public void AddTo(Command command)
    {
        command.Options.Add(Module);
        command.Options.Add(Token);
        command.Options.Add(PinFile);
    }

    /// <summary>Says it as a service has it.</summary>
    public LedgerOptions Into(LedgerOptions options, ParseResult parse)
    {
        options.Pkcs11Module = parse.GetValue(Module) ?? string.Empty;
        options.Pkcs11Token = parse.GetValue(Token) ?? string.Empty;
        options.Pkcs11PinFile = parse.GetValue(PinFile) ?? string.Empty;
        return options;
    }
}
