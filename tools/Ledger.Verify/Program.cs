using System.CommandLine;
using Ledger.Integrity.Checkpoints;
using Ledger.Verify;
using Ledger.Verify.Folders;
using Ledger.Verify.Scanning;
using Ledger.Verify.Tiles;
using Spectre.Console;

if (Console.IsOutputRedirected)
{
    // No window tells the width: a finding is one line.
    AnsiConsole.Profile.Width = 1000;
}

var vkey = new Option<string?>("--vkey") { Description = "The ledger's public key (C2SP vkey), or a file that holds it. Pin it from elsewhere than what is verified." };
var memory = new Option<string?>("--memory") { Description = "Where the last checkpoint seen is remembered. Default: the user's state folder." };
var noMemory = new Option<bool>("--no-memory") { Description = "Neither recall nor remember a checkpoint." };
var output = new Option<string>("--output") { Description = "table or json.", DefaultValueFactory = _ => "table" };
output.AcceptOnlyFromAmong("table", "json");

var connection = new Option<string>("--connection") { Description = "A connection string; a role that may read suffices.", Required = true };
var logOnly = new Option<bool>("--log-only") { Description = "Leave the read models alone, rather than compare them with what the verified events give." };
var database = new Command("db", "Verify a live database over a read-only connection.") { connection, logOnly };
database.SetAction((parse, cancel) => RunAsync(
    parse, () => Key(parse.GetValue(vkey) ?? throw new CannotVerifyException("A key is required: --vkey.")),
    (trust, progress) => DatabaseVerifier.RunAsync(parse.GetRequiredValue(connection), trust, parse.GetValue(logOnly), progress, cancel)));

var path = new Argument<string>("FOLDER") { Description = "What 'ledger export' wrote." };
var folder = new Command("folder", "Verify an exported folder, offline.") { path };
folder.SetAction((parse, _) => RunAsync(
    parse, () => parse.GetValue(vkey) is { } pinned ? Key(pinned) : FolderVerifier.KeyOf(parse.GetRequiredValue(path)),
    (trust, progress) => Task.FromResult(FolderVerifier.Run(parse.GetRequiredValue(path), trust, progress))));

var url = new Argument<Uri?>("URL")
{
    Description = "Where the ledger serves its tiles.",
    CustomParser = result =>
    {
        if (Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var address) && address.Scheme is "http" or "https")
        {
            return address;
        }

        result.AddError("URL is an address such as https://ledger.caf.example/763.");
        return null;
    },
};
var token = new Option<string?>("--token") { Description = "What the server wants for the entries." };
var cache = new Option<string?>("--cache") { Description = "Where tiles are kept, not to be asked for again. Default: a temporary folder." };
var tiles = new Command("tiles", "Verify a ledger that serves its tiles over HTTP (C2SP tlog-tiles).") { url, token, cache };
tiles.SetAction((parse, cancel) => RunAsync(
    parse, () => Key(parse.GetValue(vkey) ?? throw new CannotVerifyException("A key is required: --vkey.")),
    async (trust, progress) =>
    {
        var kept = parse.GetValue(cache);
        var into = kept ?? Directory.CreateTempSubdirectory("ledger-verify-").FullName;
        try
        {
            await TileDownload.RunAsync(parse.GetRequiredValue(url)!, parse.GetValue(token), trust.Key, into, cancel);
            return FolderVerifier.Run(into, trust, progress);
        }
        finally
        {
            if (kept is null)
            {
                Directory.Delete(into, recursive: true);
            }
        }
    }));

var receiptFile = new Argument<string>("RECEIPT") { Description = "A .tlog-proof file." };
var entryFile = new Option<string?>("--entry") { Description = "The file of the entry that it is about." };
var leafHash = new Option<string?>("--leaf-hash") { Description = "Or the leaf hash of the acknowledgement, in base64." };
var receipt = new Command("receipt", "Verify one receipt, offline.") { receiptFile, entryFile, leafHash };
receipt.SetAction(parse =>
{
    try
    {
        var key = Key(parse.GetValue(vkey) ?? throw new CannotVerifyException("A key is required: --vkey."));
        Console.Out.WriteLine($"HOLDS     {ReceiptVerifier.Run(parse.GetRequiredValue(receiptFile), parse.GetValue(entryFile), parse.GetValue(leafHash), key)}");
        return ExitCodes.Whole;
    }
    catch (CannotVerifyException e)
    {
        return Complain(e.Message, ExitCodes.CannotVerify);
    }
    catch (FormatException e)
    {
        Console.Out.WriteLine($"FALSE     {e.Message}");
        return ExitCodes.Tampered;
    }
});

var root = new RootCommand("Verifies a ledger, trusting neither the service nor its database's administrator.\nExit codes: 0 whole, 1 tampered, 2 usage, 3 cannot be verified.")
{
    database, folder, tiles, receipt, vkey, memory, noMemory, output,
};
foreach (var option in new Option[] { vkey, memory, noMemory, output })
{
    option.Recursive = true;
}

var parsed = root.Parse(args);
return parsed.Errors.Count > 0 ? Complain(string.Join(" ", parsed.Errors.Select(e => e.Message)), ExitCodes.Usage) : await parsed.InvokeAsync();

async Task<int> RunAsync(
    ParseResult parse, Func<NoteVerifier> findKey, Func<Trust, IProgress<(long Read, long Total)>, Task<Verification>> verify)
{
    try
    {
        var key = findKey();
        var store = parse.GetValue(memory) is { } file ? new Memory(file) : Memory.Default(key);
        var remembered = parse.GetValue(noMemory) ? null : store.Recall(key);
        var trust = new Trust(key, remembered is null ? [] : [new KnownCheckpoint(KnownCheckpoint.Remembered, remembered)]);
        var verification = await ProgressBar.WatchAsync(progress => verify(trust, progress));
        Report.Write(verification, parse.GetValue(output)!, AnsiConsole.Console);
        if (verification is { IsWhole: true, Checkpoint: { } note } && !parse.GetValue(noMemory))
        {
            store.Keep(note);
        }

        return verification.IsWhole ? ExitCodes.Whole : ExitCodes.Tampered;
    }
    catch (CannotVerifyException e)
    {
        return Complain(e.Message, ExitCodes.CannotVerify);
    }
}

static NoteVerifier Key(string text)
{
    try
    {
        return NoteVerifier.Parse(File.Exists(text) ? File.ReadAllText(text) : text);
    }
    catch (FormatException e)
    {
        throw new CannotVerifyException(e.Message);
    }
}

static int Complain(string message, int code)
{
    Console.Error.WriteLine($"ledger-verify: {message.ReplaceLineEndings(" ")}");
    return code;
}
