using System.CommandLine;
using System.Text.Json;
using Ledger.Answers;
using Ledger.Cli.Answers;
using Ledger.Presentation;
using Ledger.Service.Hosting;
using Ledger.Service.Keys;

namespace Ledger.Cli.Commands;

/// <summary><c>ledger keys</c>: which keys there are, whether each is of use, and having another sign.</summary>
internal static class KeysCommand
{
    // A public key has plus signs: they are to be read.
    private static readonly JsonSerializerOptions Json = new(JsonSerializerOptions.Web)
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static Command Create() =>
        new("keys") { Shown("list", isTried: false), Shown("check", isTried: true), Public(), Rotate() };

    private static Command Shown(string name, bool isTried)
    {
        var (folder, vault) = (Folder(), new VaultOptions());
        var output = new Option<string>("--output") { DefaultValueFactory = _ => "table" };
        output.AcceptOnlyFromAmong("table", "json");
        var command = new Command(name) { folder, output };
        vault.AddTo(command);
        command.SetAction(parse =>
        {
            var keys = parse.GetRequiredValue(folder);
            var opened = Vault.Of(vault.Into(new LedgerOptions(), parse));
            using var closing = opened as IDisposable;
            var inventory = new KeyInventory(keys, opened, TimeProvider.System);
            var all = inventory.All(isTried).ToList();
            if (isTried && inventory.ProblemOfMemory() is { } problem)
            {
                all.Add(new KeyStanding("memory", "checkpoint.signed", string.Empty, "file", problem));
            }

            if (parse.GetValue(output) == "json")
            {
                Console.Out.WriteLine(JsonSerializer.Serialize(all, Json));
            }
            else
            {
                Printer.Print(SheetOf(all, isTried));
            }

            return Task.FromResult(all.Exists(k => k.Problem is not null) ? ExitCode.Refused : ExitCode.Done);
        });
        return command;
    }

    private static Command Public()
    {
        var (folder, vault) = (Folder(), new VaultOptions());
        var command = new Command("public") { folder };
        vault.AddTo(command);
        command.SetAction(parse =>
        {
            var opened = Vault.Of(vault.Into(new LedgerOptions(), parse));
            using var closing = opened as IDisposable;
            Console.Out.WriteLine(
                KeyRing.Open(parse.GetRequiredValue(folder), opened, TimeProvider.System).Keys.Current
            );
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Rotate()
    {
        var (folder, vault, actor) = (Folder(), new VaultOptions(), new ActorOptions());
        var overlap = new Option<int>("--overlap-days") { DefaultValueFactory = _ => 30 };
        overlap.Validators.Add(result =>
        {
            if (result.GetValue(overlap) is < 1 or > 366)
            {
                result.AddError(Words.Spoken.Say("cli.overlap-days"));
            }
        });
        var revoke = new Option<bool>("--revoke");
        var command = new Command("rotate") { folder, overlap, revoke };
        actor.AddTo(command);
        vault.AddTo(command);
        command.SetAction(
            async (parse, cancel) =>
            {
                var (who, why) = actor.Read(parse);
                var opened = Vault.Of(vault.Into(new LedgerOptions(), parse));
                using var closing = opened as IDisposable;
                var next = await new KeyRotation(parse.GetRequiredValue(folder), opened, TimeProvider.System).RunAsync(
                    who,
                    why,
                    TimeSpan.FromDays(parse.GetValue(overlap)),
                    parse.GetValue(revoke),
                    cancel
                );
                Console.Out.WriteLine(next);
                return ExitCode.Done;
            }
        );
        return command;
    }

    private static Sheet SheetOf(IEnumerable<KeyStanding> keys, bool isTried)
    {
        (string, Func<KeyStanding, Cell>)[] columns =
        [
            ("usage", k => Words.Spoken.Label("keys", k.Use)),
            ("key", k => k.Name),
            ("state", k => Words.Spoken.Label("keys", k.State)),
            ("place", k => k.Place),
        ];
        return Sheet.Of(
            keys,
            isTried
                ? [.. columns, ("trial", k => k.Problem is { } p ? Cell.Bad(p) : Words.Spoken.Say("keys.good"))]
                : columns
        );
    }

    private static Option<string> Folder() =>
        new("--keys") { DefaultValueFactory = _ => Path.Combine("ledger-data", "keys") };
}
