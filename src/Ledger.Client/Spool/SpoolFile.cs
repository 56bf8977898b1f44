using Microsoft.Data.Sqlite;

namespace Ledger.Client.Spool;

/// <summary>The SQLite file of a spool, and the lock by which one process has it.</summary>
internal sealed class SpoolFile : IDisposable
{
    private const string Schema = """
        pragma locking_mode = exclusive; pragma journal_mode = wal; pragma synchronous = full;
        pragma secure_delete = on; pragma wal_autocheckpoint = 250; pragma journal_size_limit = 1048576;
        create table if not exists item
            (place integer primary key autoincrement, taken_at integer not null, content blob not null);
        create table if not exists refused
            (place integer primary key, taken_at integer not null, content blob not null, code integer not null,
             reason text not null);
        create table if not exists receipt (position integer primary key, leaf_hash blob not null);
        create table if not exists key_check (sealed blob not null);
        """;

    // What the log before writing may grow to, twice: to let go of what was sent needs room too, and without it a spool
    // that has filled its disk would never empty.
    private const long Reserve = 4 * 1024 * 1024;

    private readonly FileStream _held;
    private readonly SqliteConnection _database;
    private readonly DriveInfo _disk;

    private SpoolFile(FileStream held, SqliteConnection database, DriveInfo disk) =>
        (_held, _database, _disk) = (held, database, disk);

    /// <summary>Whether the disk, and what was let go of in the file, have room for more than to let go of the rest.</summary>
    public bool HasRoom => _disk.AvailableFreeSpace is var free && (free > Reserve || free + Freed > Reserve);

    private long Freed => Number("select freelist_count * page_size from pragma_freelist_count, pragma_page_size");

    /// <summary>Opens that of a folder, made if missing.</summary>
    /// <exception cref="IOException">Another process has it.</exception>
    /// <exception cref="SqliteException">It cannot be opened.</exception>
    public static SpoolFile Open(string folder)
    {
        Directory.CreateDirectory(folder);
        var held = Hold(folder);
        var file = Path.Combine(folder, "consultations.spool");
        var opened = new SpoolFile(
            held,
            new SqliteConnection(
                new SqliteConnectionStringBuilder
                {
                    DataSource = file,
                    Pooling = false,
                    DefaultTimeout = 1,
                }.ToString()
            ),
            new DriveInfo(folder)
        );
        try
        {
            opened._database.Open();
            opened.Run(null, Schema);
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }

            return opened;
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <summary>Begins what is kept whole or not at all.</summary>
    public SqliteTransaction Begin() => _database.BeginTransaction();

    /// <summary>A command, for whoever has more to do with it than run it.</summary>
    public SqliteCommand Command(string sql)
    {
        var command = _database.CreateCommand();
        command.CommandText = sql;
        return command;
    }

    /// <summary>Runs a command.</summary>
    /// <returns>How many rows it touched.</returns>
    public int Run(SqliteTransaction? transaction, string sql, params (string Name, object Value)[] values)
    {
        using var command = Command(sql);
        command.Transaction = transaction;
        foreach (var (name, value) in values)
        {
            command.Parameters.AddWithValue(name, value);
        }

        return command.ExecuteNonQuery();
    }

    /// <summary>The one number that a query gives.</summary>
    public long Number(string sql)
    {
        using var command = Command(sql);
        return (long)command.ExecuteScalar()!;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _database.Dispose();
        _held.Dispose();
    }

    // Asked before SQLite is: it waits for a file that another process holds.
    private static FileStream Hold(string folder)
    {
        try
        {
            return new FileStream(
                Path.Combine(folder, "consultations.lock"),
                FileMode.OpenOrCreate,
                FileAccess.ReadWrite,
                FileShare.None
            );
        }
        catch (IOException e)
        {
            throw new IOException($"Another process uses the spool in {folder}.", e);
        }
    }
}
