using Ledger.Store.Schema;

namespace Ledger.Store.Embedded;

/// <summary>The roles of a ledger in an embedded PostgreSQL: the same as anywhere, with passwords made up.</summary>
public static class EmbeddedRoles
{
    /// <summary>Their names.</summary>
    public static DatabaseRoles Roles { get; } = new("ledger_owner", "ledger_writer", "ledger_reader");

    /// <summary>Makes them, unless they are there.</summary>
    public static Task MakeAsync(EmbeddedPostgres postgres, CancellationToken cancel) =>
        Roles.MakeAsync(
            postgres.ConnectionString,
            new Dictionary<string, string>
            {
                ["writer"] = postgres.PasswordOf(Roles.Writer),
                ["reader"] = postgres.PasswordOf(Roles.Reader),
            },
            cancel
        );
}
