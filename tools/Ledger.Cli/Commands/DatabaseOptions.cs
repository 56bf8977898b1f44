using System.CommandLine;
using Ledger.Files;
using Ledger.Presentation;
using Ledger.Service.Hosting;
using Ledger.Store.Embedded;
using Ledger.Store.Schema;

namespace Ledger.Cli.Commands;

/// <summary>Which database a command works on: one of somebody's, or the embedded one in a data folder.</summary>
internal sealed class DatabaseOptions
{
    private readonly Option<string?> _data = new("--data");

    private readonly Option<string?> _connection = ConnectionOption.Optional();

    public void AddTo(Command command)
    {
        command.Options.Add(_data);
        command.Options.Add(_connection);
        command.Validators.Add(result =>
        {
            if (result.GetValue(_data) is null == result.GetValue(_connection) is null)
            {
                result.AddError(Words.Spoken.Say("cli.data-or-connection"));
            }
        });
    }

    /// <summary>Whether the database is one of somebody's.</summary>
    public bool IsExternal(System.CommandLine.Parsing.SymbolResult result) => result.GetValue(_connection) is not null;

    /// <summary>The same as a service has them.</summary>
    public LedgerOptions Read(ParseResult parse) =>
        new()
        {
            DataFolder = parse.GetValue(_data) ?? string.Empty,
            ConnectionString = parse.GetValue(_connection) ?? string.Empty,
        };

    /// <summary>Runs on the database; the embedded one is started, and stopped again.</summary>
    public static async Task<int> RunAsync(
        LedgerOptions options,
        Func<LedgerDatabase, Task<int>> run,
        CancellationToken cancel
    )
    {
        await using var embedded =
            options.ConnectionString.Length > 0
                ? null
                : await EmbeddedPostgres.StartAsync(LedgerHost.PostgresIn(options), cancel);
        if (embedded is not null)
        {
            await EmbeddedRoles.MakeAsync(embedded, cancel);
        }

        await using var database = new LedgerDatabase(
            embedded is null ? options.ConnectionString : EmbeddedRoles.Roles.AsOwner(embedded.ConnectionString)
        );
        return await run(database);
    }
}
