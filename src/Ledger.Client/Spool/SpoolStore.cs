using System.Buffers.Binary;
using System.Security.Cryptography;
using Caf.Ledger.V1;
using Grpc.Core;
using Microsoft.Data.Sqlite;

namespace Ledger.Client.Spool;

/// <summary>One consultation that waits.</summary>
/// <param name="Place">Its place in the order of taking.</param>
/// <param name="Content">What is to be sent.</param>
internal sealed record SpoolItem(long Place, byte[] Content);

/// <summary>
/// What waits, in a SQLite file: SQLite keeps a transaction whole or not at all through crashes and full disks, and has
/// been tried on that more than anything written here would be. What is in it is enciphered with AES-256-GCM, bound to
/// its place. One process holds it, and one thread at a time.
/// </summary>
internal sealed class SpoolStore : IDisposable
{
    private const int NonceSize = 12;
    private const int TagSize = 16;
    private const int Full = 13;

    private readonly FileStream _held;
    private readonly SqliteConnection _database;
    private readonly AesGcm _cipher;
    private readonly long _mostBytes;
    private readonly Lock _turn = new();
    private long _depth;
    private long _bytes;
    private long _refused;
    private long _next;

    private SpoolStore(FileStream held, SqliteConnection database, byte[] key, long mostBytes)
    {
        (_held, _database, _cipher, _mostBytes) = (held, database, new AesGcm(key, TagSize), mostBytes);
        using var count = Command("select count(*), coalesce(sum(length(content)), 0) from item");
        using (var row = count.ExecuteReader())
        {
            row.Read();
            (_depth, _bytes) = (row.GetInt64(0), row.GetInt64(1));
        }

        _refused = Number("select count(*) from refused");
        // A place is never given twice: what is enciphered is bound to it.
        _next = Number("select coalesce(max(seq), 0) + 1 from (select seq from sqlite_sequence where name = 'item')");
    }

    /// <summary>Opens the spool of a folder, made if missing.</summary>
    /// <exception cref="IOException">Another process uses it, or its key is not the one that it was made with.</exception>
    public static SpoolStore Open(SpoolOptions options)
    {
        Directory.CreateDirectory(options.Folder);
        var key = SpoolKey.Load(options.KeyFile);
        var held = Hold(options.Folder);
        var file = Path.Combine(options.Folder, "consultations.spool");
        var database = new SqliteConnection(
            new SqliteConnectionStringBuilder
            {
                DataSource = file,
                Pooling = false,
                DefaultTimeout = 1,
            }.ToString()
        );
        try
        {
            database.Open();
            using (var make = database.CreateCommand())
            {
                make.CommandText = """
                    pragma locking_mode = exclusive; pragma journal_mode = wal; pragma synchronous = full;
                    pragma secure_delete = on; pragma wal_autocheckpoint = 4000;
                    create table if not exists item
                        (place integer primary key autoincrement, taken_at integer not null, content blob not null);
                    create table if not exists refused
                        (place integer primary key, taken_at integer not null, content blob not null, code integer not null,
                         reason text not null);
                    create table if not exists receipt (position integer primary key, leaf_hash blob not null);
                    create table if not exists key_check (sealed blob not null);
                    """;
                make.ExecuteNonQuery();
            }

            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }

            var store = new SpoolStore(held, database, key, options.MostBytes);
            store.RequireKey(options.KeyFile);
            return store;
        }
        catch (Exception e)
        {
            // Left open, it would keep the spool from whoever comes with the right key.
            database.Dispose();
            held.Dispose();
            if (e is not SqliteException)
            {
                throw;
            }

            throw new IOException($"The spool in {options.Folder} cannot be opened: {e.Message}", e);
        }
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

    /// <summary>How it stands.</summary>
    public SpoolState State
    {
        get
        {
            lock (_turn)
            {
                using var oldest = Command("select taken_at from item order by place limit 1");
                var at = oldest.ExecuteScalar() is long milliseconds
                    ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds)
                    : (DateTimeOffset?)null;
                return new SpoolState(_depth, _bytes, at, _refused);
            }
        }
    }

    /// <summary>Takes some, all or none of them, and comes back once they are on the disk.</summary>
    /// <exception cref="SpoolFullException">There is no room for all of them.</exception>
    public void Take(IReadOnlyList<byte[]> contents, DateTimeOffset now)
    {
        lock (_turn)
        {
            var bytes = contents.Sum(c => c.Length + NonceSize + TagSize);
            if (_bytes + bytes > _mostBytes)
            {
                throw new SpoolFullException($"The spool has {_bytes} bytes, and may have {_mostBytes}.");
            }

            try
            {
                using var transaction = _database.BeginTransaction();
                using var insert = Command(
                    "insert into item (place, taken_at, content) values ($place, $at, $content)"
                );
                insert.Transaction = transaction;
                var (place, content) = (insert.Parameters.Add("$place", SqliteType.Integer), Blob(insert));
                insert.Parameters.AddWithValue("$at", now.ToUnixTimeMilliseconds());
                var next = _next;
                foreach (var each in contents)
                {
                    (place.Value, content.Value) = (next, Sealed(next, each));
                    insert.ExecuteNonQuery();
                    next++;
                }

                transaction.Commit();
                (_next, _depth, _bytes) = (next, _depth + contents.Count, _bytes + bytes);
            }
            catch (SqliteException e)
            {
                throw new SpoolFullException(
                    e.SqliteErrorCode == Full
                        ? "The disk of the spool is full."
                        : $"The spool cannot be written: {e.Message}",
                    e
                );
            }
        }
    }

    /// <summary>The oldest that wait.</summary>
    /// <exception cref="CryptographicException">Somebody changed one.</exception>
    public IReadOnlyList<SpoolItem> Oldest(int most)
    {
        lock (_turn)
        {
            using var select = Command("select place, content from item order by place limit $most");
            select.Parameters.AddWithValue("$most", most);
            using var rows = select.ExecuteReader();
            var found = new List<SpoolItem>();
            while (rows.Read())
            {
                var place = rows.GetInt64(0);
                found.Add(new SpoolItem(place, Opened(place, rows.GetFieldValue<byte[]>(1))));
            }

            return found;
        }
    }

    /// <summary>
    /// Lets go of what was recorded, and keeps apart what was refused; of what was recorded a receipt is wanted.
    /// </summary>
    public void Settle(
        IReadOnlyList<(long Place, long Position, byte[] LeafHash)> recorded,
        IReadOnlyList<(long Place, int Code, string Reason)> refused
    )
    {
        lock (_turn)
        {
            using var transaction = _database.BeginTransaction();
            foreach (var (place, position, leafHash) in recorded)
            {
                Run(
                    transaction,
                    "insert or replace into receipt (position, leaf_hash) values ($position, $leaf)",
                    ("$position", position),
                    ("$leaf", leafHash)
                );
                Drop(transaction, place);
            }

            foreach (var (place, code, reason) in refused)
            {
                Run(
                    transaction,
                    "insert or replace into refused (place, taken_at, content, code, reason) "
                        + "select place, taken_at, content, $code, $reason from item where place = $place",
                    ("$code", code),
                    ("$reason", reason),
                    ("$place", place)
                );
                Drop(transaction, place);
            }

            transaction.Commit();
            Count(recorded.Count, refused.Count);
        }
    }

    /// <summary>What the ledger refused, the oldest first.</summary>
    public IReadOnlyList<RefusedConsultation> Refused(int most)
    {
        lock (_turn)
        {
            using var select = Command(
                "select place, taken_at, content, code, reason from refused order by place limit $most"
            );
            select.Parameters.AddWithValue("$most", most);
            using var rows = select.ExecuteReader();
            var found = new List<RefusedConsultation>();
            while (rows.Read())
            {
                var place = rows.GetInt64(0);
                found.Add(
                    new RefusedConsultation(
                        place,
                        DateTimeOffset.FromUnixTimeMilliseconds(rows.GetInt64(1)),
                        RecordConsultationRequest.Parser.ParseFrom(Opened(place, rows.GetFieldValue<byte[]>(2))),
                        (StatusCode)rows.GetInt32(3),
                        rows.GetString(4)
                    )
                );
            }

            return found;
        }
    }

    /// <summary>Puts one that was refused behind what waits, in the same transaction that drops it there.</summary>
    /// <returns>Whether it was there.</returns>
    public bool TakeAgain(long place, byte[] content)
    {
        lock (_turn)
        {
            using var transaction = _database.BeginTransaction();
            var moved = Run(
                transaction,
                "insert into item (place, taken_at, content) "
                    + "select $next, taken_at, $content from refused where place = $place",
                ("$next", _next),
                ("$content", Sealed(_next, content)),
                ("$place", place)
            );
            Run(transaction, "delete from refused where place = $place", ("$place", place));
            transaction.Commit();
            (_next, _depth, _refused) = (_next + moved, _depth + moved, _refused - moved);
            _bytes = Number("select coalesce(sum(length(content)), 0) from item");
            return moved > 0;
        }
    }

    /// <summary>The acknowledgements whose receipts are not kept yet, the oldest first.</summary>
    public IReadOnlyList<(long Position, byte[] LeafHash)> ReceiptsWanted(int most)
    {
        lock (_turn)
        {
            using var select = Command("select position, leaf_hash from receipt order by position limit $most");
            select.Parameters.AddWithValue("$most", most);
            using var rows = select.ExecuteReader();
            var found = new List<(long, byte[])>();
            while (rows.Read())
            {
                found.Add((rows.GetInt64(0), rows.GetFieldValue<byte[]>(1)));
            }

            return found;
        }
    }

    /// <summary>The receipt of what stands at a position is kept.</summary>
    public void ReceiptKept(long position)
    {
        lock (_turn)
        {
            Run(null, "delete from receipt where position = $position", ("$position", position));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_turn)
        {
            _database.Dispose();
            _held.Dispose();
            _cipher.Dispose();
        }
    }

    private void Drop(SqliteTransaction transaction, long place) =>
        Run(transaction, "delete from item where place = $place", ("$place", place));

    private void Count(int recorded, int refused)
    {
        (_depth, _refused) = (_depth - recorded - refused, _refused + refused);
        _bytes = Number("select coalesce(sum(length(content)), 0) from item");
    }

    // A key that is not the spool's is told at once, not when the first item is sent.
    private void RequireKey(string keyFile)
    {
        using var select = Command("select sealed from key_check");
        if (select.ExecuteScalar() is not byte[] check)
        {
            Run(null, "insert into key_check (sealed) values ($sealed)", ("$sealed", Sealed(0, [])));
            return;
        }

        try
        {
            Opened(0, check);
        }
        catch (CryptographicException e)
        {
            throw new IOException($"The key in {keyFile} is not the one that the spool was made with.", e);
        }
    }

    private byte[] Sealed(long place, byte[] content)
    {
        var sealing = new byte[NonceSize + content.Length + TagSize];
        var nonce = sealing.AsSpan(0, NonceSize);
        RandomNumberGenerator.Fill(nonce);
        _cipher.Encrypt(
            nonce,
            content,
            sealing.AsSpan(NonceSize, content.Length),
            sealing.AsSpan(^TagSize..),
            At(place)
        );
        return sealing;
    }

    private byte[] Opened(long place, byte[] sealing)
    {
        var content = new byte[Math.Max(0, sealing.Length - NonceSize - TagSize)];
        _cipher.Decrypt(
            sealing.AsSpan(0, NonceSize),
            sealing.AsSpan(NonceSize, content.Length),
            sealing.AsSpan(^TagSize..),
            content,
            At(place)
        );
        return content;
    }

    private static byte[] At(long place)
    {
        var bound = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bound, place);
        return bound;
    }

    private int Run(SqliteTransaction? transaction, string sql, params (string Name, object Value)[] values)
    {
        using var command = Command(sql);
        command.Transaction = transaction;
        foreach (var (name, value) in values)
        {
            command.Parameters.AddWithValue(name, value);
        }

        return command.ExecuteNonQuery();
    }

    private long Number(string sql)
    {
        using var command = Command(sql);
        return (long)command.ExecuteScalar()!;
    }

    private SqliteCommand Command(string sql)
    {
        var command = _database.CreateCommand();
        command.CommandText = sql;
        return command;
    }

    private static SqliteParameter Blob(SqliteCommand command) => command.Parameters.Add("$content", SqliteType.Blob);
}
