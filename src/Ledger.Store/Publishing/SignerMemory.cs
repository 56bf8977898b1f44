using Ledger.Files;
using Ledger.Integrity.Checkpoints;
using Ledger.Store.Schema;

namespace Ledger.Store.Publishing;

/// <summary>
/// What the signer remembers beside its key: the last checkpoint that it signed, written before the signature leaves.
/// It signs nothing that does not continue it, so that a restored copy is never signed as if it were the ledger.
/// </summary>
public abstract class SignerMemory
{
    /// <summary>The last checkpoint that was signed; null before the first.</summary>
    /// <exception cref="LedgerStateException">What is remembered is not a checkpoint of this ledger.</exception>
    public abstract (Checkpoint Checkpoint, string Note)? Recall(LogKeys keys);

    /// <summary>Remembers a signed checkpoint. It is durable once this returns.</summary>
    public abstract void Keep(string note);

    /// <summary>Keeps others, threads and processes, from signing until it is disposed of.</summary>
    public abstract Task<IDisposable> HoldAsync(CancellationToken cancel);

    /// <summary>A memory that lives as long as the process.</summary>
    public static SignerMemory Transient() => new TransientMemory();

    /// <summary>A memory in a key folder, shared by the processes that share the folder.</summary>
    public static SignerMemory In(string folder) => new FolderMemory(folder);

    private static (Checkpoint Checkpoint, string Note) Open(string note, LogKeys keys, string where)
    {
        try
        {
            return (keys.Open(note), note);
        }
        catch (FormatException e)
        {
            throw new LedgerStateException($"{where} is not a checkpoint of the key {keys.Name}: {e.Message}");
        }
    }

    private sealed class TransientMemory : SignerMemory
    {
        private string? _note;

        public override (Checkpoint Checkpoint, string Note)? Recall(LogKeys keys) =>
            _note is null ? null : Open(_note, keys, "What was signed last");

        public override void Keep(string note) => _note = note;

        public override Task<IDisposable> HoldAsync(CancellationToken cancel) =>
            Task.FromResult<IDisposable>(new MemoryStream());
    }

    private sealed class FolderMemory(string folder) : SignerMemory
    {
        private const int Tries = 200;

        private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(25);

        private string NotePath => Path.Combine(folder, "checkpoint.signed");

        public override (Checkpoint Checkpoint, string Note)? Recall(LogKeys keys) =>
            Within(() => File.Exists(NotePath) ? File.ReadAllText(NotePath) : null) is { } note
                ? Open(note, keys, NotePath)
                : null;

        public override void Keep(string note) =>
            Within(() =>
            {
                DurableFile.Replace(NotePath, System.Text.Encoding.UTF8.GetBytes(note), isPrivate: true);
                return true;
            });

        public override async Task<IDisposable> HoldAsync(CancellationToken cancel)
        {
            var path = Path.Combine(folder, "checkpoint.lock");
            for (var tries = 0; ; tries++)
            {
                try
                {
                    return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
                }
                catch (IOException) when (tries < Tries)
                {
                    await Task.Delay(Glance, cancel);
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    throw CannotUse(e);
                }
            }
        }

        private T Within<T>(Func<T> use)
        {
            try
            {
                return use();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw CannotUse(e);
            }
        }

        // Without its memory the signer signs nothing, and says why.
        private LedgerStateException CannotUse(Exception e) =>
            new($"The signer cannot use its memory in the key folder {folder}: {e.Message}");
    }
}
