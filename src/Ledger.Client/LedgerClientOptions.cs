using System.Security.Cryptography.X509Certificates;
using Ledger.Client.Spool;
using Ledger.Integrity.Checkpoints;
using Microsoft.Extensions.Options;

namespace Ledger.Client;

/// <summary>What a portal says of the ledger that it records in.</summary>
public sealed class LedgerClientOptions
{
    /// <summary>The ledger's address, such as <c>https://ledger.caf.example</c>. Required.</summary>
    public Uri? Address { get; set; }

    /// <summary>The portal's own certificate, with its key. This or a token is required on another machine.</summary>
    public X509Certificate2? Certificate { get; set; }

    /// <summary>A file with an access token, which is read again when it changes.</summary>
    public string? TokenFile { get; set; }

    /// <summary>The roots under which the ledger's certificate is; null for the system's.</summary>
    public X509Certificate2Collection? Roots { get; set; }

    /// <summary>In which language the ledger's sentences are: <c>fr</c>, <c>en</c>; null for French.</summary>
    public string? Language { get; set; }

    /// <summary>How long a call may take where it names no deadline of its own.</summary>
    public TimeSpan Deadline { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The ledger's public key (C2SP vkey), given to the portal by another way than the ledger. Receipts are checked with it.
    /// </summary>
    public string? Vkey { get; set; }

    /// <summary>Where receipts are kept, once there is a key to check them with; null to keep none.</summary>
    public string? ReceiptFolder { get; set; }

    /// <summary>Where consultations wait while the ledger is away; null for a portal that shows no file then.</summary>
    public SpoolOptions? Spool { get; set; }
}

/// <summary>Says what is wrong with the options, each by its name, before anything is started.</summary>
internal sealed class LedgerClientOptionsRules : IValidateOptions<LedgerClientOptions>
{
    private const long LeastBytes = 64 * 1024;

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, LedgerClientOptions options)
    {
        var wrong = Wrong(options).ToList();
        return wrong.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);
    }

    private static IEnumerable<string> Wrong(LedgerClientOptions o)
    {
        if (o.Address is not { IsAbsoluteUri: true, Scheme: "http" or "https" })
        {
            yield return "Address is an http or https address, such as https://ledger.caf.example.";
        }
        else if (o.Address.Scheme == "http" && !o.Address.IsLoopback)
        {
            yield return "Address is https on any machine but this one.";
        }

        if (o.Certificate is { HasPrivateKey: false })
        {
            yield return "Certificate comes with its private key.";
        }

        if (o.TokenFile is { } token && !File.Exists(token))
        {
            yield return $"TokenFile does not exist: {token}.";
        }

        if (o.Deadline <= TimeSpan.Zero || o.Deadline > TimeSpan.FromMinutes(10))
        {
            yield return "Deadline is more than nothing and at most ten minutes.";
        }

        if (o.Language is not (null or "fr" or "en"))
        {
            yield return "Language is fr or en.";
        }

        if (o.Vkey is { } vkey && !IsKey(vkey))
        {
            yield return "Vkey is the ledger's public key: name+id+base64.";
        }

        if (o.ReceiptFolder is not null && o.Vkey is null)
        {
            yield return "ReceiptFolder needs Vkey: a receipt is kept once it is shown to hold.";
        }

        if (o.Spool is { } spool)
        {
            if (spool.Folder.Length == 0 || spool.KeyFile.Length == 0)
            {
                yield return "Spool has a Folder and a KeyFile.";
            }

            if (spool.MostBytes < LeastBytes)
            {
                yield return $"Spool.MostBytes is at least {LeastBytes}.";
            }
        }
    }

    private static bool IsKey(string vkey)
    {
        try
        {
            return NoteVerifier.Parse(vkey) is not null;
        }
        catch (FormatException)
        {
            return false;
        }
    }
}
