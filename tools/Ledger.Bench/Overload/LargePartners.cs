using System.Globalization;
using Ledger.Domain.Common;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Partenariats;
using Ledger.Store.Appending;
using Ledger.Store.Knowing;

namespace Ledger.Bench.Overload;

/// <summary>Partners with thousands of agents each, one of them with nine rights for each agent.</summary>
/// <param name="ConnectionString">Where they are recorded.</param>
/// <param name="Facts">How many facts are known.</param>
internal sealed record LargePartners(string ConnectionString, long Facts)
{
    public const int Agents = 3000;
    public const int Rights = 9 * Agents;

    private const int Others = 59;

    private static readonly CafCode Caf = CafCode.Parse("763");
    private static readonly ServiceCode Cdap = ServiceCode.Parse("CDAP");
    private static readonly ProfilCode Profil = ProfilCode.Parse("T2");
    private static readonly Purpose Purpose = Purpose.Parse("aide-sociale");
    private static readonly Actor ByCaf = new(AgentId.Parse("caf-admin"), Caf, null);
    private static readonly DateOnly Day = new(2026, 1, 5);

    public static async Task<LargePartners> LoadAsync(Workload workload)
    {
        var (database, connectionString) = await workload.CreateAsync();
        using (var replica = new Replica(database))
        {
            await using var writer = new LedgerWriter(database, replica);
            var recording = new Recording(writer);
            for (var partner = 0; partner <= Others; partner++)
            {
                await recording.PartnerAsync(partner, rights: partner == 0 ? Rights / Agents : 1);
            }

            var last = replica.Known.Position;
            await database.DisposeAsync();
            return new LargePartners(connectionString, last + 1);
        }
    }

    public static (string Siret, string Agent) Account(Random chance) =>
        (SiretOf(chance.Next(1, Others + 1)), AgentOf(chance.Next(Agents)));

    private static string SiretOf(int partner)
    {
        // The last digit makes the sum of Luhn a multiple of ten.
        var digits = string.Create(CultureInfo.InvariantCulture, $"217605757{partner:0000}");
        var sum = digits.Select((c, i) => (c - '0') * (i % 2 == 0 ? 2 : 1)).Sum(d => d > 9 ? d - 9 : d);
        return string.Create(CultureInfo.InvariantCulture, $"{digits}{(10 - (sum % 10)) % 10}");
    }

    private static string AgentOf(int agent) => string.Create(CultureInfo.InvariantCulture, $"agent-{agent}");

    private sealed class Recording(LedgerWriter writer)
    {
        private readonly object _caller = new();
        private readonly List<Task<Acknowledgement>> _waiting = [];
        private int _requests;

        public async Task PartnerAsync(int partner, int rights)
        {
            var convention = ConventionId.Parse($"conv-{partner}");
            var siret = Domain.Common.Siret.Parse(SiretOf(partner));
            var principal = AgentId.Parse("principal");
            var byPrincipal = new Actor(principal, null, siret);
            await RecordAsync(
                ByCaf,
                new SignConvention(new(convention, "1", Caf, siret, Day, Day, [Purpose], HabilitationMode.Delegue)),
                new RecordCnilFormality(new(convention, Party.Caf, "f", FormalityOutcome.Favourable, Day)),
                new RecordCnilFormality(new(convention, Party.Partenaire, "f", FormalityOutcome.Favourable, Day)),
                new SignServiceContract(new(convention, "1", Day, "24/7", "annex", 36, "letter")),
                new SignEnrolment(new(convention, Cdap, [Profil], [Purpose], new Perimeter.WholeCaf(), Day)),
                new OpenService(new(convention, Cdap, Day)),
                new DesignateGestionnaire(new(convention, principal, GestionnaireRank.Principal, Day))
            );
            await SettleAsync();
            for (var agent = 0; agent < Agents; agent++)
            {
                await RecordAsync(
                    byPrincipal,
                    new AttachAgent(new(convention, AgentId.Parse(AgentOf(agent)), "agent", Day))
                );
            }

            await SettleAsync();
            for (var right = 0; right < rights * Agents; right++)
            {
                await RecordAsync(byPrincipal, Grant(convention, partner, right));
            }

            await SettleAsync();
        }

        private static GrantHabilitation Grant(ConventionId convention, int partner, int right) =>
            new(
                new(
                    HabilitationId.Parse($"hab-{partner}-{right}"),
                    convention,
                    AgentId.Parse(AgentOf(right % Agents)),
                    Cdap,
                    Profil,
                    [Purpose],
                    new Perimeter.WholeCaf(),
                    Day,
                    null,
                    new DateTimeOffset(2026, 2, 1, 10, 0, 0, TimeSpan.Zero),
                    "bench",
                    false
                )
            );

        private async Task RecordAsync(Actor actor, params ICommand[] commands)
        {
            foreach (var command in commands)
            {
                var context = new EventContext(actor, new Guid(++_requests, 7, 7, new byte[8]), "letter");
                var request = AppendRequest.Of(context, [], command);
                _waiting.Add(await writer.EnqueueAsync(request, _caller, CancellationToken.None));
            }
        }

        private async Task SettleAsync()
        {
            await Task.WhenAll(_waiting);
            _waiting.Clear();
        }
    }
}
