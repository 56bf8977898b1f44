using Ledger.Files;
using Ledger.Service.Hosting;
using Ledger.Store.Keys;

namespace Ledger.Service.Keys;

/// <summary>The vault that the options name.</summary>
public static class Vault
{
    private const string PinVariable = "LEDGER_PKCS11_PIN";

    /// <summary>Opens it: files, unless a device is named.</summary>
    /// <exception cref="SetupException">The device is not there, or is not described as it should be.</exception>
    public static IKeyVault Of(LedgerOptions options)
    {
        if (options.Pkcs11Module.Length == 0)
        {
            return new FileVault();
        }

        if (options.Pkcs11Token.Length == 0)
        {
            throw new SetupException("Ledger:Pkcs11Module comes with Ledger:Pkcs11Token: the label of the token.");
        }

        return new Pkcs11Vault(options.Pkcs11Module, options.Pkcs11Token, PinOf(options.Pkcs11PinFile));
    }

    private static string PinOf(string file)
    {
        if (file.Length == 0)
        {
            return Environment.GetEnvironmentVariable(PinVariable)
                ?? throw new SetupException($"The PIN of the token comes from Ledger:Pkcs11PinFile or {PinVariable}.");
        }

        try
        {
            PrivateFile.Require(file);
            return File.ReadAllText(file).TrimEnd('\r', '\n');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SetupException($"The PIN of the token cannot be read: {e.Message}", e);
        }
    }
}
