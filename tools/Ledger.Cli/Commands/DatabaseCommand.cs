using System.CommandLine;
using Ledger.Files;
using Ledger.Service.Hosting;
using Ledger.Service.Keys;
using Ledger.Store.Schema;
using Npgsql;

namespace Ledger.Cli.Commands;

/// <summary><c>ledger db</c>: creates a ledger, migrates its schema, and adopts a restored one.</summary>
internal static class DatabaseCommand
{
    private static readonly string[] Kinds = ["owner", "writer", "reader"];

    public static Command Create()
    {
        var command = new Command("db") { Init(), AdoptCommand.Create() };
        foreach (var migration in MigrationCommands.Create())
        {
            command.Subcommands.Add(migration);
        }

        return command;
    }

    // Once, with its origin, key and roles.
    private static Command Init()
    {
        var connection = ConnectionOption.Required();
        var origin = new Option<string>("--origin") { Required = true };
        var keys = new Option<string>("--keys") { Required = true };
        var passwords = Kinds.Select(kind => new Option<string?>($"--{kind}-password-file") { }).ToList();
        var init = new Command("init") { connection, origin, keys };
        passwords.ForEach(init.Options.Add);
        var vault = new VaultOptions();
        vault.AddTo(init);
        init.SetAction(
            async (parse, cancel) =>
            {
                var given = parse.GetRequiredValue(connection);
                var roles = DatabaseRoles.Of(new NpgsqlConnectionStringBuilder(given).Database ?? "postgres");
                var said = Kinds
                    .Zip(passwords, (kind, option) => (Kind: kind, Password: Password(kind, parse.GetValue(option))))
                    .Where(p => p.Password is not null)
                    .ToDictionary(p => p.Kind, p => p.Password!);

                // The database first: a key of no ledger is never left behind.
                await using var database = new LedgerDatabase(roles.AsOwner(given));
                await using (var asGiven = new LedgerDatabase(given))
                {
                    await asGiven.RequireFitAsync(cancel);
                }

                await roles.MakeAsync(given, said, cancel);
                var signer = SigningKey.LoadOrMake(
                    parse.GetRequiredValue(keys),
                    parse.GetRequiredValue(origin),
                    Vault.Of(vault.Into(new LedgerOptions(), parse))
                );
                if (signer.Verifier.Name != parse.GetRequiredValue(origin))
                {
                    throw new LedgerStateException($"The key in that folder is of '{signer.Verifier.Name}'.");
                }

                await database.CreateAsync(signer.Verifier.Name, cancel);
                await roles.GrantAsync(database, cancel);
                Console.Out.WriteLine(signer.Verifier.ToString());
                return ExitCode.Done;
            }
        );
        return init;
    }

    private static string VariableOf(string kind) => $"LEDGER_{kind.ToUpperInvariant()}_PASSWORD";

    private static string? Password(string kind, string? file) =>
        file is null
            ? Environment.GetEnvironmentVariable(VariableOf(kind))
            : File.ReadAllText(file).TrimEnd('\r', '\n');
}
