using System.Security.Cryptography;
using Ledger.Domain.Common;
using Ledger.Domain.Control;
using Ledger.Integrity.Checkpoints;
using Ledger.Service.AccessHistory;
using Ledger.Service.Keys;
using Ledger.Store.Appending;
using Ledger.Store.Embedded;
using Ledger.Store.Keys;
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
    private readonly HashSet<string> _recorded = [];
    private EmbeddedPostgres? _embedded;
    private LedgerDatabase? _database;
    private LedgerWriter? _writer;
    private PublishedCheckpoint? _published;
    private IKeyVault? _vault;

    public LedgerDatabase Database => _database ?? throw NotStarted();

    /// <exception cref="ReadOnlyNodeException">This node only answers.</exception>
    public LedgerWriter Writer => IsReadOnly ? throw new ReadOnlyNodeException() : _writer ?? throw NotStarted();

    /// <summary>Whether so many record just now that questions should leave them room.</summary>
    public bool IsRecordingMuch => _writer?.IsRecordingMuch == true;

    /// <summary>Whether this node only answers: what it serves may be a restored copy.</summary>
    public bool IsReadOnly => options.Value.ReadOnly;

    public Replica Replica { get; private set; } = null!;

    public Store.Reading.AccessHistory History { get; private set; } = null!;

    public PageTokens Tokens { get; private set; } = null!;

    /// <summary>What tells this node from the others of its ledger, as long as it runs.</summary>
    public Guid Id { get; } = new(RandomNumberGenerator.GetBytes(16));

    public PseudonymKeys Pseudonyms { get; private set; } = null!;

    /// <summary>Whoever erases a file holds it.</summary>
    public SemaphoreSlim Erasing { get; } = new(1);

    public CheckpointPublisher Publisher { get; private set; } = null!;

    /// <summary>The keys that sign this ledger, and signed it.</summary>
    public KeyRing Ring { get; private set; } = null!;

    /// <summary>Their public halves.</summary>
    public LogKeys Keys => Ring.Keys;

    /// <summary>The one that signs now.</summary>
    public NoteVerifier PublicKey => Keys.Current;

    /// <summary>What stopped publication, if something did: the service then says so and signs nothing more.</summary>
    public string? Unsound { get; set; }

    /// <exception cref="LedgerStateException">The database disagrees with itself or with the key.</exception>
    /// <exception cref="EmbeddedPostgresException">The embedded PostgreSQL would not start.</exception>
    public async Task StartAsync(CancellationToken cancel)
    {
        var settings = options.Value;
        var connectionString = settings.ConnectionString;
        _vault = Vault.Of(settings);
        if (connectionString.Length == 0)
        {
            _embedded = await EmbeddedPostgres.StartAsync(LedgerHost.PostgresIn(settings), cancel);
            await EmbeddedRoles.MakeAsync(_embedded, cancel);
            connectionString = _embedded.ConnectionStringTo("postgres", EmbeddedRoles.Roles.Writer);
            LogEmbedded(log, connectionString);
        }

        if (_embedded is not null && !IsReadOnly)
        {
            await CreateUnlessThereAsync(_embedded, settings, cancel);
        }

        _database = new LedgerDatabase(connectionString, IsReadOnly);
        await (IsReadOnly ? OpenForReadingAsync(cancel) : OpenAsync(cancel));
        Ring = KeyRing.Open(settings.Keys, _vault, time);
        await RequireRingAsync(cancel);
        _published = new PublishedCheckpoint(_database, Ring, time);
        await _database.RequireFitAsync(cancel);
        Replica = new Replica(_database);
        Pseudonyms = new PseudonymKeys(_database, Replica, Path.Combine(settings.Keys, "pseudonyms"), _vault, time);
        History = new Store.Reading.AccessHistory(_database, Replica, Pseudonyms);

        // Everything that is known is read before anybody calls: the first caller would wait for it.
        await History.SnapshotAsync(null, cancel);
        await (IsReadOnly ? Pseudonyms.OpenForReadingAsync(cancel) : Pseudonyms.OpenAsync(cancel));
        Tokens = new PageTokens(Pseudonyms.Derived("caf-ledger/page-token/v1"));
        var memory = SignerMemory.In(settings.Keys);
        Publisher = new CheckpointPublisher(_database, Ring, memory, () => Writer.Frontier);
        if (IsReadOnly)
        {
            await Publisher.RequireAgreementAsync(cancel);
        }
        else
        {
            _writer = new LedgerWriter(_database, Replica);
            await Publisher.RequireSoundAsync(cancel);
        }

        LogOpened(log, PublicKey.Name, PublicKey.ToString());
    }

    /// <summary>Records what was taken, and signs it. Called once nobody calls any more.</summary>
    public async Task StopAsync()
    {
        if (IsReadOnly)
        {
            return;
        }

        await Writer.DisposeAsync();
        await Publisher.PublishAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        if (_writer is not null)
        {
            await _writer.DisposeAsync();
        }

        Erasing.Dispose();
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

        (_vault as IDisposable)?.Dispose();
    }

    /// <summary>Records every key that took over, once: whichever node sees it first does.</summary>
    public async Task RecordRotationsAsync(CancellationToken cancel)
    {
        Ring.Refresh();
        foreach (var rotation in Ring.Rotations.Where(r => !_recorded.Contains(r.Succession)))
        {
            var actor = new Actor(AgentId.Parse(rotation.Agent), CafCode.Parse(rotation.Caf), null);
            var digest = SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(rotation.Succession));
            await Writer.AppendAsync(
                AppendRequest.Of(
                    new EventContext(actor, new Guid(digest.AsSpan(0, 16), bigEndian: true)),
                    digest,
                    new RecordKeyRotation(rotation.Succession, rotation.Why)
                ),
                cancel
            );
            _recorded.Add(rotation.Succession);
            LogRotated(log, PublicKey.ToString());
        }
    }

    /// <summary>The first checkpoint known to cover a position, once there is one: this node's or another's.</summary>
    /// <exception cref="LedgerStateException">
    /// Nothing is signed any more, because the log disagrees with itself.
    /// </exception>
    public Task<(string Note, Checkpoint Checkpoint)> CoveringAsync(long position, CancellationToken cancel) =>
        _published!.CoveringAsync(position, () => Unsound, cancel);

    // A key folder from a backup signs with a key that is nobody's any more.
    private async Task RequireRingAsync(CancellationToken cancel)
    {
        if ((await Successions.FollowAsync(Database, Ring.Keys.Current, cancel)).Followed is { } next)
        {
            throw new LedgerStateException(
                $"The log says that the key {next} took over, and the key folder does not: bring back its rotations.json."
            );
        }
    }

    private async Task OpenForReadingAsync(CancellationToken cancel)
    {
        LogReadOnly(log);
        if (await Database.OriginAsync(cancel) is null)
        {
            throw new LedgerStateException("This database holds no ledger, and a read-only node makes none.");
        }

        await Database.Migrations.RequireFitAsync(cancel);
    }

    private async Task OpenAsync(CancellationToken cancel)
    {
        var origin =
            await Database.OriginAsync(cancel)
            ?? throw new LedgerStateException("This database holds no ledger. Create one with 'ledger db init'.");
        await Database.Migrations.RequireFitAsync(cancel);
        LogFound(log, origin);
        if (await Database.MayChangeTheLogAsync(cancel))
        {
            LogMayChange(log);
        }
    }

    // The owner makes what is not there; from then on nobody in this process is the owner.
    private async Task CreateUnlessThereAsync(
        EmbeddedPostgres postgres,
        LedgerOptions settings,
        CancellationToken cancel
    )
    {
        await using var owned = new LedgerDatabase(EmbeddedRoles.Roles.AsOwner(postgres.ConnectionString));
        if (await owned.OriginAsync(cancel) is null)
        {
            var signer = SigningKey.LoadOrMake(settings.Keys, settings.Origin, _vault!);
            await owned.CreateAsync(signer.Verifier.Name, cancel);
            LogCreated(log, signer.Verifier.Name, SigningKey.PathIn(settings.Keys));
        }

        // A first start may have been cut off in between.
        if ((await owned.Migrations.StatusAsync(cancel)).IsFit)
        {
            await EmbeddedRoles.Roles.GrantAsync(owned, cancel);
        }
    }

    [LoggerMessage(7, LogLevel.Warning, "Another key signs this ledger: {PublicKey}. Give it to every verifier")]
    private static partial void LogRotated(ILogger log, string publicKey);

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

    [LoggerMessage(
        6,
        LogLevel.Warning,
        "The role that this service connects to PostgreSQL as may change the log: let it be the writer that "
            + "'ledger db init' made"
    )]
    private static partial void LogMayChange(ILogger log);

    [LoggerMessage(3, LogLevel.Debug, "The database holds the ledger '{Origin}'")]
    private static partial void LogFound(ILogger log, string origin);

    [LoggerMessage(
        5,
        LogLevel.Warning,
        "This node is read-only: it records, signs and anchors nothing. A question leaves its trace in this log alone"
    )]
    private static partial void LogReadOnly(ILogger log);

    [LoggerMessage(4, LogLevel.Information, "The ledger '{Origin}' is open; verify it with the key {PublicKey}")]
    private static partial void LogOpened(ILogger log, string origin, string publicKey);
}

/// <summary>This node only answers questions.</summary>
internal sealed class ReadOnlyNodeException() : Exception("This node is read-only: record on another node.");
