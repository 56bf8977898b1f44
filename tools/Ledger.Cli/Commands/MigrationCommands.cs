using System.CommandLine;
using Ledger.Service.Hosting;
using Ledger.Store.Schema;

namespace Ledger.Cli.Commands;

/// <summary>
/// <c>ledger db status</c> and <c>ledger db migrate</c>: whether a database is as this program needs it, and making it
/// so.
/// </summary>
internal static class MigrationCommands
{
    public static IEnumerable<Command> Create()
    {
        yield return On(
            "status",
            "Whether this program may run on the database. Exit code 1 where it may not.",
            async (database, cancel) =>
            {
                await RequireLedgerAsync(database, cancel);
                var status = await database.Migrations.StatusAsync(cancel);
                Console.Out.WriteLine($"Dernière migration appliquée : {status.Applied}");
                foreach (var migration in status.Pending)
                {
                    Console.Out.WriteLine($"À appliquer : {migration.Number} ({migration.Name})");
                }

                if (status.IsFit)
                {
                    Console.Out.WriteLine("La base est à jour.");
                    return ExitCode.Done;
                }

                return ExitCode.Complain(
                    status.IsLater ? "la base est d'un programme plus récent : lancez celui-là."
                        : status.Pending.Count > 0 ? "la base n'est pas à jour : lancez « ledger db migrate »."
                        : "les modèles de lecture sont à refaire : lancez « ledger db migrate ».",
                    ExitCode.Refused
                );
            }
        );
        yield return On(
            "migrate",
            "Apply the migrations that the database has not, and make its read models again where they are another "
                + "program's. Stop the service and keep a copy first.",
            async (database, cancel) =>
            {
                await RequireLedgerAsync(database, cancel);
                foreach (var migration in await database.Migrations.MigrateAsync(cancel))
                {
                    Console.Out.WriteLine($"Appliquée : {migration.Number} ({migration.Name})");
                }

                await database.Migrations.GrantAsync(cancel);
                Console.Out.WriteLine("La base est à jour.");
                return ExitCode.Done;
            }
        );
    }

    private static async Task RequireLedgerAsync(LedgerDatabase database, CancellationToken cancel)
    {
        if (await database.OriginAsync(cancel) is null)
        {
            throw new LedgerStateException("This database holds no ledger. Create one with 'ledger db init'.");
        }
    }

    private static Command On(string name, string description, Func<LedgerDatabase, CancellationToken, Task<int>> run)
    {
        var (command, on) = (new Command(name, description), new DatabaseOptions());
        on.AddTo(command);
        command.SetAction(
            (parse, cancel) => DatabaseOptions.RunAsync(on.Read(parse), database => run(database, cancel), cancel)
        );
        return command;
    }
}
