using System.CommandLine;
using Ledger.Presentation;
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
            async (database, cancel) =>
            {
                await RequireLedgerAsync(database, cancel);
                var status = await database.Migrations.StatusAsync(cancel);
                Console.Out.WriteLine(Words.Spoken.Say("cli.migration-last", ("number", status.Applied)));
                foreach (var migration in status.Pending)
                {
                    Console.Out.WriteLine(
                        Words.Spoken.Say(
                            "cli.migration-to-apply",
                            ("number", migration.Number),
                            ("name", migration.Name)
                        )
                    );
                }

                if (status.IsFit)
                {
                    Console.Out.WriteLine(Words.Spoken.Say("cli.database-fit"));
                    return ExitCode.Done;
                }

                return ExitCode.Complain(
                    Words.Spoken.Say(
                        status.IsLater ? "cli.database-later"
                        : status.Pending.Count > 0 ? "cli.database-behind"
                        : "cli.read-models-behind"
                    ),
                    ExitCode.Refused
                );
            }
        );
        yield return On(
            "migrate",
            async (database, cancel) =>
            {
                await RequireLedgerAsync(database, cancel);
                foreach (var migration in await database.Migrations.MigrateAsync(cancel))
                {
                    Console.Out.WriteLine(
                        Words.Spoken.Say(
                            "cli.migration-applied",
                            ("number", migration.Number),
                            ("name", migration.Name)
                        )
                    );
                }

                await database.Migrations.GrantAsync(cancel);
                Console.Out.WriteLine(Words.Spoken.Say("cli.database-fit"));
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

    private static Command On(string name, Func<LedgerDatabase, CancellationToken, Task<int>> run)
    {
        var (command, on) = (new Command(name), new DatabaseOptions());
        on.AddTo(command);
        command.SetAction(
            (parse, cancel) => DatabaseOptions.RunAsync(on.Read(parse), database => run(database, cancel), cancel)
        );
        return command;
    }
}
