using System.CommandLine;
using Ledger.Service.Hosting;
using Ledger.Store.Schema;

namespace Ledger.Cli.Commands;

/// <summary><c>ledger db</c>: creates a ledger, migrates its schema, and adopts a restored one.</summary>
internal static class DatabaseCommand
{
    public static Command Create()
    {
        var command = new Command("db", "The ledger's database.") { Init(), AdoptCommand.Create() };
        foreach (var migration in MigrationCommands.Create())
        {
            command.Subcommands.Add(migration);
        }

        return command;
    }

    // Once, with its origin and key.
    private static Command Init()
    {
        var connection = new Option<string>("--connection") { Description = "The database's owner.", Required = true };
        var origin = new Option<string>("--origin")
        {
            Description = "The ledger's name, fixed for ever: a host name and a path, such as ledger.caf.example/763.",
            Required = true,
        };
        var keys = new Option<string>("--keys")
        {
            Description = "The folder of the keys. A signing key is made there unless one is.",
            Required = true,
        };
        var init = new Command("init", "Create a ledger in an empty database.") { connection, origin, keys };
        init.SetAction(
            async (parse, cancel) =>
            {
                // The database first: a key of no ledger is never left behind.
                await using var database = new LedgerDatabase(parse.GetRequiredValue(connection));
                await database.RequireFitAsync(cancel);
                var signer = SigningKey.LoadOrMake(parse.GetRequiredValue(keys), parse.GetRequiredValue(origin));
                if (signer.Verifier.Name != parse.GetRequiredValue(origin))
                {
                    throw new LedgerStateException($"The key in that folder is of '{signer.Verifier.Name}'.");
                }

                await database.CreateAsync(signer.Verifier.Name, cancel);
                Console.Out.WriteLine(signer.Verifier.ToString());
                return ExitCode.Done;
            }
        );
        return init;
    }
}
