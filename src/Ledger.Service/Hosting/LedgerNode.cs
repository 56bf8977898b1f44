using System.Security.Cryptography;
using Ledger.Domain.Common;
using Ledger.Integrity.Checkpoints;
using Ledger.Service.AccessHistory;
using Ledger.Store.Appending;
using Ledger.Store.Embedded;
using Ledger.Store.Knowing;
using Ledger.Store.Pseudonyms;
using Ledger.Store.Publishing;
using Ledger.Store.Schema;
using Microsoft.Extensions.Options;

namespace Ledger.Service.Hosting;

/// <summary>
/// One running node of a ledger: its database, keys, writer and publisher, started together and stopped in order.
/// </summary>
internal sealed partial class LedgerNode(IOptions<LedgerOptions> options, TimeProvider time, ILogger<LedgerNode> log)
    : IAsyncDisposable
{
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(100);

    private EmbeddedPostgres? _embedded;
    private LedgerDatabase? _database;
    private LedgerWriter? _writer;

    public LedgerDatabase Database => _database ?? throw NotStarted();

    public LedgerWriter Writer => _writer ?? throw NotStarted();

    public Replica Replica { get; private set; } = null!;

    public Store.Reading.AccessHistory History { get; private set; } = null!;

    public PageTokens Tokens { get; private set; } = null!;

    /// <summary>What tells this node from the others of its ledger, as long as it runs.</summary>
    public Guid Id { get; } = new(RandomNumberGenerator.GetBytes(16));

    public PseudonymKeys Pseudonyms { get; private set; } = null!;

    public CheckpointPublisher Publisher { get; private set; } = null!;

    public NoteVerifier PublicKey { get; private set; } = null!;

    /// <summary>What stopped publication, if something did: the service then says so and signs nothing more.</summary>
    public string? Unsound { get; set; }

    /// <exception cref="LedgerStateException">The database disagrees with itself or with the key.</exception>
    /// <exception cref="EmbeddedPostgresException">The embedded PostgreSQL would not start.</exception>
    public async Task StartAsync(CancellationToken cancel)
    {
        var settings = options.Value;
        LegalTime.RequireZone();
        var embedded = settings.ConnectionString.Length == 0;
        var connectionString = settings.ConnectionString;
        if (embedded)
        {
            _embedded = await EmbeddedPostgres.StartAsync(Path.Combine(settings.DataFolder, "postgres"), cancel);
            connectionString = _embedded.ConnectionString;
            LogEmbedded(log, connectionString);
        }

        _database = new LedgerDatabase(connectionString);
        var signer = await OpenOrCreateAsync(embedded, settings, cancel);
        PublicKey = signer.Verifier;
        await _database.RequireFitAsync(cancel);
        Pseudonyms = new PseudonymKeys(_database, Path.Combine(settings.Keys, "pseudonyms"));
        await Pseudonyms.OpenAsync(cancel);
        Tokens = new PageTokens(Pseudonyms.Derived("caf-ledger/page-token/v1"));
        Replica = new Replica(_database);
        History = new Store.Reading.AccessHistory(_database, Replica);
        var memory = SignerMemory.In(settings.Keys);
        Publisher = new CheckpointPublisher(_database, signer, memory, () => Writer.Frontier);
        _writer = new LedgerWriter(_database, Replica);
        await Publisher.RequireSoundAsync(cancel);
        LogOpened(log, PublicKey.Name, PublicKey.ToString());
    }

    /// <summary>Records what was taken, and signs it. Called once nobody calls any more.</summary>
    public async Task StopAsync()
    {
        await Writer.DisposeAsync();
        await Publisher.PublishAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        if (_writer is not null)
        {
            await _writer.DisposeAsync();
        }

        Pseudonyms?.Dispose();
        Replica?.Dispose();
        if (_database is not null)
        {
            await _database.DisposeAsync();
        }

        if (_embedded is not null)
        {
            await _embedded.DisposeAsync();
        }
    }

    /// <summary>The first checkpoint known to cover a position, once there is one: this node's or another's.</summary>
    /// <exception cref="LedgerStateException">
    /// Nothing is signed any more, because the log disagrees with itself.
    /// </exception>
    public async Task<(string Note, Checkpoint Checkpoint)> CoveringAsync(long position, CancellationToken cancel)
    {
        while (true)
        {
            if (
                await CheckpointPublisher.LatestAsync(Database, cancel) is { } note
                && Checkpoint.Open(note, PublicKey) is var checkpoint
                && checkpoint.Size > position
            )
            {
                return (note, checkpoint);
            }

            if (Unsound is { } why)
            {
                throw new LedgerStateException($"It is recorded, and nothing is signed: {why}");
            }

            await Task.Delay(Glance, time, cancel);
        }
    }

    private async Task<NoteSigner> OpenOrCreateAsync(bool embedded, LedgerOptions settings, CancellationToken cancel)
    {
        if (await Database.OriginAsync(cancel) is { } origin)
        {
            await Database.MigrateAsync(cancel);
            LogFound(log, origin);
            return SigningKey.Load(settings.Keys);
        }

        if (!embedded)
        {
            throw new LedgerStateException("This database holds no ledger. Create one with 'ledger db init'.");
        }

        var signer = SigningKey.LoadOrMake(settings.Keys, settings.Origin);
        await Database.CreateAsync(signer.Verifier.Name, cancel);
        LogCreated(log, signer.Verifier.Name, SigningKey.PathIn(settings.Keys));
        return signer;
    }

    private static InvalidOperationException NotStarted() => new("The node is not started.");

    [LoggerMessage(1, LogLevel.Information, "Embedded PostgreSQL is running: {ConnectionString}")]
    private static partial void LogEmbedded(ILogger log, string connectionString);

    [LoggerMessage(
        2,
        LogLevel.Warning,
        "No ledger was here: the ledger '{Origin}' was created, and its signing key is {KeyFile}. Keep a copy of "
            + "the key apart."
    )]
    private static partial void LogCreated(ILogger log, string origin, string keyFile);

    [LoggerMessage(3, LogLevel.Debug, "The database holds the ledger '{Origin}'")]
    private static partial void LogFound(ILogger log, string origin);

    [LoggerMessage(4, LogLevel.Information, "The ledger '{Origin}' is open; verify it with the key {PublicKey}")]
    private static partial void LogOpened(ILogger log, string origin, string publicKey);
}
