using System.CommandLine;
using System.Text.Json;
using Ledger.Service.Hosting;
using Ledger.Service.Keys;
using Spectre.Console;

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
        new("keys", "The ledger's keys, in the folder where a service has them.")
        {
            Shown("list", "Which keys there are, and where.", isTried: false),
            Shown(
                "check",
                "Try every key: it signs, it is deciphered, nobody else reads it. Exit 1: one does not.",
                true
            ),
            Rotate(),
        };

    private static Command Shown(string name, string description, bool isTried)
    {
        var (folder, vault) = (Folder(), new VaultOptions());
        var output = new Option<string>("--output")
        {
            Description = "table or json.",
            DefaultValueFactory = _ => "table",
        };
        output.AcceptOnlyFromAmong("table", "json");
        var command = new Command(name, description) { folder, output };
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
                AnsiConsole.Write(TableOf(all, isTried));
            }

            return Task.FromResult(all.Exists(k => k.Problem is not null) ? ExitCode.Refused : ExitCode.Done);
        });
        return command;
    }

    private static Command Rotate()
    {
        var (folder, vault, actor) = (Folder(), new VaultOptions(), new ActorOptions());
        var overlap = new Option<int>("--overlap-days")
        {
            Description = "How many days both keys sign, so that verifiers have time to pin the new one.",
            DefaultValueFactory = _ => 30,
        };
        overlap.Validators.Add(result =>
        {
            if (result.GetValue(overlap) is < 1 or > 366)
            {
                result.AddError("--overlap-days is 1 to 366.");
            }
        });
        var revoke = new Option<bool>("--revoke")
        {
            Description =
                "The key of today is no longer trusted: it signs no more, and who pinned it has to be given the new one.",
        };
        var command = new Command(
            "rotate",
            "Have another key sign. Services that run see it by themselves, and record it; verifiers follow."
        )
        {
            folder,
            overlap,
            revoke,
        };
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

    private static Table TableOf(IEnumerable<KeyStanding> keys, bool isTried)
    {
        string[] columns = ["usage", "clé", "état", "où"];
        var table = Tables.New(isTried ? [.. columns, "essai"] : columns);
        foreach (var k in keys)
        {
            string[] cells = [k.Use, k.Name, k.State, k.Place];
            Tables.Row(table, isTried ? [.. cells, k.Problem ?? "bon"] : cells);
        }

        return table;
    }

    private static Option<string> Folder() =>
        new("--keys")
        {
            Description = "The folder of the keys.",
            DefaultValueFactory = _ => Path.Combine("ledger-data", "keys"),
        };
}
