using Ledger.Domain.Common;
using Ledger.Domain.Consultations;
using Ledger.Domain.Control;
using Ledger.Domain.Partenariats;
using Ledger.Integrity.Checkpoints;
using Ledger.Store.Appending;
using Ledger.Store.Knowing;
using Ledger.Store.Publishing;
using Ledger.Store.Reading;
using Ledger.Store.Schema;
using Ledger.Tests;
using Ledger.Verify;
using Ledger.Verify.Scanning;

namespace Ledger.Store.Tests;

/// <summary>A ledger on a database of its own, with one writer.</summary>
internal sealed class TestLedger : IAsyncDisposable
{
    public static readonly NoteSigner Signer = new("ledger.example/test", Enumerable.Repeat((byte)7, 32).ToArray());

    private TestLedger(string connectionString, LedgerDatabase database)
    {
        (ConnectionString, Database) = (connectionString, database);
        Replica = new Replica(database);
        Writer = new LedgerWriter(database, Replica);
        Publisher = PublisherOf(database);
        History = new AccessHistory(database, Replica, Keys);
    }

    public string ConnectionString { get; }

    public LedgerDatabase Database { get; }

    public Replica Replica { get; }

    public LedgerWriter Writer { get; }

    public CheckpointPublisher Publisher { get; }

    public FixedKeys Keys { get; } = new();

    public AccessHistory History { get; }

    /// <summary>A publisher that remembers nothing of what was signed before it.</summary>
    public static CheckpointPublisher PublisherOf(LedgerDatabase database) =>
        new(database, Signer, SignerMemory.Transient());

    /// <summary>A ledger that is there, over another way to it.</summary>
    public static TestLedger Open(string connectionString) =>
        new(connectionString, new LedgerDatabase(connectionString));

    public static async Task<TestLedger> CreateAsync(PostgresCluster cluster) =>
        await CreateAsync(await cluster.CreateDatabaseAsync());

    public static async Task<TestLedger> CreateAsync(string connectionString)
    {
        var database = new LedgerDatabase(connectionString);
        await database.CreateAsync(Signer.Verifier.Name, CancellationToken.None);
        return new TestLedger(connectionString, database);
    }

    /// <summary>With a convention, a habilitation and some consultations, published.</summary>
    public static async Task<TestLedger> WithHistoryAsync(PostgresCluster cluster, int consultations) =>
        await WithHistoryAsync(await cluster.CreateDatabaseAsync(), consultations);

    /// <summary>The same, on an empty database.</summary>
    public static async Task<TestLedger> WithHistoryAsync(string connectionString, int consultations)
    {
        var ledger = await CreateAsync(connectionString);
        var number = 1000;
        foreach (var (actor, command) in SampleHistory.UpToAGrant())
        {
            await ledger.DoAsync(number++, actor, command);
        }

        await Task.WhenAll(Enumerable.Range(2000, consultations).Select(i => ledger.ConsultAsync(i)));
        await ledger.Publisher.PublishAsync(CancellationToken.None);
        return ledger;
    }

    /// <summary>The contract of 36 months was never signed, and one of a month was.</summary>
    public async Task KeepForAMonthAsync()
    {
        var contract = (await KnownAsync()).Latest.Facts.First(f => f.Event is ServiceContractSigned);
        await DoAsync(3999, SampleHistory.ByCaf, new Rectify(contract.Position, "never signed"));
        await DoAsync(
            4000,
            SampleHistory.ByCaf,
            new SignServiceContract(
                new(SampleHistory.Convention, "2", SampleHistory.Day("2026-01-10"), "24/7", "annex 2", 1, "by letter")
            )
        );
    }

    /// <summary>Publishes a checkpoint, and opens it.</summary>
    public async Task<Checkpoint> PublishAsync() =>
        Checkpoint.Open((await Publisher.PublishAsync(CancellationToken.None))!, Signer.Verifier);

    /// <summary>What is known, at a position or now.</summary>
    public Task<Snapshot> KnownAsync(long? at = null) => History.SnapshotAsync(at, CancellationToken.None);

    public Task<Acknowledgement> DoAsync(int request, Actor actor, ICommand command, byte digest = 0) =>
        Writer.AppendAsync(
            AppendRequest.Of(new EventContext(actor, SampleHistory.Id(request)), [digest], command),
            CancellationToken.None
        );

    public Task<Acknowledgement> ConsultAsync(
        int request,
        string at = "2026-03-10T10:00:00Z",
        byte digest = 0,
        RecordConsultation? consultation = null
    ) => ConsultAsync(Writer, request, at, digest, consultation);

    /// <summary>A consultation by an agent of whom nothing is known: one alert.</summary>
    public Task<Acknowledgement> ConsultByStrangerAsync(int request)
    {
        var sample = SampleHistory.Consultation(request);
        var use = sample.Use with { Agent = AgentId.Parse("agent-z9"), Claimed = null };
        return ConsultAsync(request, consultation: sample with { Use = use });
    }

    public static Task<Acknowledgement> ConsultAsync(
        LedgerWriter writer,
        int request,
        string at = "2026-03-10T10:00:00Z",
        byte digest = 0,
        RecordConsultation? consultation = null
    ) =>
        writer.AppendAsync(
            AppendRequest.Of(
                new EventContext(SampleHistory.By(SampleHistory.Agent), SampleHistory.Id(request)),
                [digest],
                consultation ?? SampleHistory.Consultation(request, at)
            ),
            CancellationToken.None
        );

    public Task<Verification> VerifyAsync(Checkpoint? remembered = null) => VerifyAsync(ConnectionString, remembered);

    public static Task<Verification> VerifyAsync(string connectionString, Checkpoint? remembered = null) =>
        VerifyAsync(
            connectionString,
            new Trust(
                Signer.Verifier,
                remembered is null ? [] : [new KnownCheckpoint(KnownCheckpoint.Remembered, remembered)]
            )
        );

    public static Task<Verification> VerifyAsync(string connectionString, Trust trust) =>
        DatabaseVerifier.RunAsync(connectionString, trust, logOnly: false, null, CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await Writer.DisposeAsync();
        Replica.Dispose();
        await Database.DisposeAsync();
    }
}
