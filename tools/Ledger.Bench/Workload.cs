using System.Buffers.Text;
using Ledger.Domain;
using Ledger.Domain.Common;
using Ledger.Domain.Consultations;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Partenariats;
using Ledger.Domain.Pseudonyms;
using Ledger.Integrity.Checkpoints;
using Ledger.Store.Appending;
using Ledger.Store.Embedded;
using Ledger.Store.Schema;
using Npgsql;

namespace Ledger.Bench;

/// <summary>Fictional consultations, the same for every variant, on databases of one private cluster.</summary>
internal sealed class Workload(EmbeddedPostgres postgres)
{
    public static readonly NoteSigner Signer = new("ledger.example/bench", new byte[32]);

    private static readonly CafCode Caf = CafCode.Parse("763");
    private static readonly Siret Siret = Siret.Parse("21760575700012");
    private static readonly ConventionId Convention = ConventionId.Parse("conv-bench");
    private static readonly HabilitationId Habilitation = HabilitationId.Parse("hab-bench");
    private static readonly AgentId Agent = AgentId.Parse("agent-c3");
    private static readonly ServiceCode Service = ServiceCode.Parse("CDAP");
    private static readonly ProfilCode Profil = ProfilCode.Parse("T2");
    private static readonly Purpose Purpose = Purpose.Parse("aide-sociale");
    private static readonly Actor ByCaf = new(AgentId.Parse("caf-admin"), Caf, null);
    private static readonly Actor ByAgent = new(Agent, null, Siret);
    private static readonly MonthKey March = new("2026-03", new byte[32]);
    private static readonly DateTimeOffset Day = new(2026, 3, 10, 10, 0, 0, TimeSpan.Zero);

    private int _databases;
    private int _requests;

    /// <summary>An empty ledger in a database of its own.</summary>
    public async Task<(LedgerDatabase Database, string ConnectionString)> CreateAsync()
    {
        var name = $"bench{++_databases}";
        await using (var source = NpgsqlDataSource.Create(postgres.ConnectionString))
        {
            await using var create = source.CreateCommand($"create database {name}");
            await create.ExecuteNonQueryAsync();
        }

        var connectionString = postgres.ConnectionStringTo(name);
        var database = new LedgerDatabase(connectionString);
        await database.CreateAsync(Signer.Verifier.Name, CancellationToken.None);
        return (database, connectionString);
    }

    /// <summary>Records what one agent needs to be entitled.</summary>
    public async Task EntitleAsync(LedgerWriter writer)
    {
        var date = new DateOnly(2026, 1, 5);
        ICommand[] acts =
        [
            new SignConvention(new(Convention, "1", Caf, Siret, date, date, [Purpose], HabilitationMode.Delegue)),
            new RecordCnilFormality(new(Convention, Party.Caf, "f", FormalityOutcome.Favourable, date)),
            new RecordCnilFormality(new(Convention, Party.Partenaire, "f", FormalityOutcome.Favourable, date)),
            new SignServiceContract(new(Convention, "1", date, "24/7", "annex", 36, "letter")),
            new SignEnrolment(new(Convention, Service, [Profil], [Purpose], new Perimeter.WholeCaf(), date)),
            new OpenService(new(Convention, Service, date)),
            new DesignateGestionnaire(new(Convention, Agent, GestionnaireRank.Principal, date)),
            new AttachAgent(new(Convention, Agent, "agent", date)),
            new GrantHabilitation(
                new(
                    Habilitation,
                    Convention,
                    Agent,
                    Service,
                    Profil,
                    [Purpose],
                    new Perimeter.WholeCaf(),
                    date,
                    null,
                    Day.AddDays(-40),
                    "bench",
                    false
                )
            ),
        ];
        foreach (var act in acts)
        {
            await writer.AppendAsync(
                AppendRequest.Of(
                    new EventContext(act is GrantHabilitation ? ByAgent : ByCaf, NextId(), "letter"),
                    [],
                    act
                ),
                CancellationToken.None
            );
        }
    }

    /// <summary>A consultation, as the service would hand it to the writer.</summary>
    public AppendRequest Request()
    {
        var number = Interlocked.Increment(ref _requests);
        return AppendRequest.Of(new EventContext(ByAgent, Id(number)), new byte[16], Command(number));
    }

    /// <summary>The same event as bytes, for the ways that know no ledger.</summary>
    public (Guid Id, byte[] Content, ConsultationRecorded Event) Event()
    {
        var number = Interlocked.Increment(ref _requests);
        var command = Command(number);
        var use = command.Use;
        var e = new ConsultationRecorded(
            command.Consultation,
            use.Caf,
            use.Siret,
            use.Agent,
            use.Claimed,
            command.File,
            use.Service,
            use.Profil,
            null,
            use.Purpose,
            null,
            command.HasBusinessFile,
            command.Sealed,
            use.At,
            new Verdict([], Habilitation, [], 8)
        );
        return (EventIds.Of(Id(number), 0), EventCodec.Encode(new EventContext(ByAgent, Id(number)), e), e);
    }

    private static RecordConsultation Command(int number) =>
        RecordConsultation.Of(
            Id(number),
            new Use(
                Caf,
                Siret,
                Agent,
                Habilitation,
                Service,
                Profil,
                Purpose,
                Moment(number),
                null,
                DossierOf(number % 50_000)
            ),
            new Details(Channel: "portal", BusinessFile: "AS-2026-118"),
            March,
            Id(number)
        );

    // Some ten a second, throughout the day.
    private static DateTimeOffset Moment(int number) => Day.AddMilliseconds(number % 250_000 * 97.123);

    private static string DossierOf(int number) =>
        Base64Url.EncodeToString(
            System.Security.Cryptography.SHA256.HashData(BitConverter.GetBytes(number)).AsSpan(0, Pseudonym.Size)
        );

    private static Guid Id(int number) => new(number, 3, 3, [1, 2, 3, 4, 5, 6, 7, 8]);

    private Guid NextId() => Id(Interlocked.Increment(ref _requests));
}
