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
    private const int Full = 13;

    private readonly SpoolFile _file;
    private readonly SpoolCipher _cipher;
    private readonly long _mostBytes;
    private readonly Lock _turn = new();
    private long _depth;
    private long _bytes;
    private long _refused;
    private long _next;

    private SpoolStore(SpoolFile file, byte[] key, long mostBytes)
    {
        (_file, _cipher, _mostBytes) = (file, new SpoolCipher(key), mostBytes);
        using var count = _file.Command("select count(*), coalesce(sum(length(content)), 0) from item");
        using (var row = count.ExecuteReader())
        {
            row.Read();
            (_depth, _bytes) = (row.GetInt64(0), row.GetInt64(1));
        }

        _refused = _file.Number("select count(*) from refused");
        // A place is never given twice: what is enciphered is bound to it.
        _next = _file.Number(
            "select coalesce(max(seq), 0) + 1 from (select seq from sqlite_sequence where name = 'item')"
        );
    }

    /// <summary>Opens the spool of a folder, made if missing.</summary>
    /// <exception cref="IOException">Another process uses it, or its key is not the one that it was made with.</exception>
    public static SpoolStore Open(SpoolOptions options)
    {
        var key = SpoolKey.Load(options.KeyFile);
        SpoolFile? file = null;
        try
        {
            file = SpoolFile.Open(options.Folder);
            var store = new SpoolStore(file, key, options.MostBytes);
            store.RequireKey(options.KeyFile);
            return store;
        }
        catch (Exception e)
        {
            // Left open, it would keep the spool from whoever comes with the right key.
            file?.Dispose();
            if (e is not SqliteException)
            {
                throw;
            }

            throw new IOException($"The spool in {options.Folder} cannot be opened: {e.Message}", e);
        }
    }

    /// <summary>How it stands.</summary>
    public SpoolState State
    {
        get
        {
            lock (_turn)
            {
                using var oldest = _file.Command("select taken_at from item order by place limit 1");
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
            if (!_file.HasRoom)
            {
                throw new SpoolFullException("The disk of the spool is full.");
            }

            var bytes = contents.Sum(c => c.Length + SpoolCipher.Overhead);
            if (_bytes + bytes > _mostBytes)
            {
                throw new SpoolFullException($"The spool has {_bytes} bytes, and may have {_mostBytes}.");
            }

            try
            {
                using var transaction = _file.Begin();
                using var insert = _file.Command(
                    "insert into item (place, taken_at, content) values ($place, $at, $content)"
                );
                insert.Transaction = transaction;
                var (place, content) = (
                    insert.Parameters.Add("$place", SqliteType.Integer),
                    insert.Parameters.Add("$content", SqliteType.Blob)
                );
                insert.Parameters.AddWithValue("$at", now.ToUnixTimeMilliseconds());
                var next = _next;
                foreach (var each in contents)
                {
                    (place.Value, content.Value) = (next, _cipher.Seal(next, each));
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
            using var select = _file.Command("select place, content from item order by place limit $most");
            select.Parameters.AddWithValue("$most", most);
            using var rows = select.ExecuteReader();
            var found = new List<SpoolItem>();
            while (rows.Read())
            {
                var place = rows.GetInt64(0);
                found.Add(new SpoolItem(place, _cipher.Open(place, rows.GetFieldValue<byte[]>(1))));
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
            var freed = 0L;
            using var transaction = _file.Begin();
            foreach (var (place, position, leafHash) in recorded)
            {
                _file.Run(
                    transaction,
                    "insert or replace into receipt (position, leaf_hash) values ($position, $leaf)",
                    ("$position", position),
                    ("$leaf", leafHash)
                );
                freed += Drop(transaction, place);
            }

            foreach (var (place, code, reason) in refused)
            {
                _file.Run(
                    transaction,
                    "insert or replace into refused (place, taken_at, content, code, reason) "
                        + "select place, taken_at, content, $code, $reason from item where place = $place",
                    ("$code", code),
                    ("$reason", reason),
                    ("$place", place)
                );
                freed += Drop(transaction, place);
            }

            transaction.Commit();
            (_depth, _bytes, _refused) = (
                _depth - recorded.Count - refused.Count,
                _bytes - freed,
                _refused + refused.Count
            );
        }
    }

    /// <summary>What the ledger refused, the oldest first.</summary>
    public IReadOnlyList<RefusedConsultation> Refused(int most)
    {
        lock (_turn)
        {
            using var select = _file.Command(
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
                        RecordConsultationRequest.Parser.ParseFrom(_cipher.Open(place, rows.GetFieldValue<byte[]>(2))),
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
            var sealing = _cipher.Seal(_next, content);
            using var transaction = _file.Begin();
            var moved = _file.Run(
                transaction,
                "insert into item (place, taken_at, content) "
                    + "select $next, taken_at, $content from refused where place = $place",
                ("$next", _next),
                ("$content", sealing),
                ("$place", place)
            );
            _file.Run(transaction, "delete from refused where place = $place", ("$place", place));
            transaction.Commit();
            (_next, _depth, _refused) = (_next + moved, _depth + moved, _refused - moved);
            _bytes += moved * sealing.Length;
            return moved > 0;
        }
    }

    /// <summary>The acknowledgements whose receipts are not kept yet, the oldest first.</summary>
    public IReadOnlyList<(long Position, byte[] LeafHash)> ReceiptsWanted(int most)
    {
        lock (_turn)
        {
            using var select = _file.Command("select position, leaf_hash from receipt order by position limit $most");
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
            _file.Run(null, "delete from receipt where position = $position", ("$position", position));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_turn)
        {
            _file.Dispose();
            _cipher.Dispose();
        }
    }

    // How many bytes it held.
    private long Drop(SqliteTransaction transaction, long place)
    {
        using var delete = _file.Command("delete from item where place = $place returning length(content)");
        delete.Transaction = transaction;
        delete.Parameters.AddWithValue("$place", place);
        return (long)delete.ExecuteScalar()!;
    }

    // A key that is not the spool's is told at once, not when the first item is sent.
    private void RequireKey(string keyFile)
    {
        using var select = _file.Command("select sealed from key_check");
        if (select.ExecuteScalar() is not byte[] check)
        {
            _file.Run(null, "insert into key_check (sealed) values ($sealed)", ("$sealed", _cipher.Seal(0, [])));
            return;
        }

        try
        {
            _cipher.Open(0, check);
        }
        catch (CryptographicException e)
        {
            throw new IOException($"The key in {keyFile} is not the one that the spool was made with.", e);
        }
    }
}
