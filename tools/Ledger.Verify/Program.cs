using System.CommandLine;
using Ledger.Integrity.Checkpoints;
using Ledger.Verify;
using Ledger.Verify.Folders;
using Ledger.Verify.Scanning;
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
var database = new Command("db", "Verify a live database over a read-only connection.") { connection };
database.SetAction((parse, cancel) => RunAsync(
    parse, () => Key(parse.GetValue(vkey) ?? throw new CannotVerifyException("A key is required: --vkey.")),
    (key, remembered, progress) => DatabaseVerifier.RunAsync(parse.GetRequiredValue(connection), key, remembered, progress, cancel)));

var path = new Argument<string>("FOLDER") { Description = "What 'ledger export' wrote." };
var folder = new Command("folder", "Verify an exported folder, offline.") { path };
folder.SetAction((parse, _) => RunAsync(
    parse, () => parse.GetValue(vkey) is { } pinned ? Key(pinned) : FolderVerifier.KeyOf(parse.GetRequiredValue(path)),
    (key, remembered, progress) => Task.FromResult(FolderVerifier.Run(parse.GetRequiredValue(path), key, remembered, progress))));

var root = new RootCommand("Verifies a ledger, trusting neither the service nor its database's administrator.\nExit codes: 0 whole, 1 tampered, 2 usage, 3 cannot be verified.")
{
    database, folder, vkey, memory, noMemory, output,
};
foreach (var option in new Option[] { vkey, memory, noMemory, output })
{
    option.Recursive = true;
}

var parsed = root.Parse(args);
return parsed.Errors.Count > 0 ? Complain(string.Join(" ", parsed.Errors.Select(e => e.Message)), ExitCodes.Usage) : await parsed.InvokeAsync();

async Task<int> RunAsync(
    ParseResult parse, Func<NoteVerifier> findKey, Func<NoteVerifier, Checkpoint?, IProgress<(long Read, long Total)>, Task<Verification>> verify)
{
    try
    {
        var key = findKey();
        var store = parse.GetValue(memory) is { } file ? new Memory(file) : Memory.Default(key);
        var remembered = parse.GetValue(noMemory) ? null : store.Recall(key);
        var verification = await ProgressBar.WatchAsync(progress => verify(key, remembered, progress));
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
