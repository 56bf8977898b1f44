using Caf.Ledger.V1;
using Grpc.Core;
using Ledger.Domain.Common;
using Ledger.Domain.Usage;
using Ledger.Service.Mapping;
using Events = Ledger.Domain.Usage;

namespace Ledger.Service.Consultations;

/// <summary>Records the other facts of use.</summary>
internal sealed partial class ConsultationGrpcService
{
    public override async Task<RecordUsageResponse> RecordUsage(RecordUsageRequest r, ServerCallContext call) =>
        new()
        {
            Acknowledgement = Write.Acknowledgement(
                await node.DecideAsync(r, r.Context, call, () => new RecordUsage(UsageEventOf(r)))
            ),
        };

    private UsageEvent UsageEventOf(RecordUsageRequest r)
    {
        var usage = new UsageOf(
            Read.Text<CafCode>("caf", r.Caf),
            Read.Text<Siret>("siret", r.Siret),
            Read.Text<AgentId>("agent", r.Agent),
            Read.Optional<ServiceCode>("service", r.Service),
            Read.Opaque("session", r.Session),
            Read.Opaque("address", r.Address),
            Read.Opaque("channel", r.Channel),
            Read.Instant("occurred_at", r.OccurredAt)
        );
        return r.FactCase switch
        {
            RecordUsageRequest.FactOneofCase.AuthenticationSucceeded => new Events.AuthenticationSucceeded(usage),
            RecordUsageRequest.FactOneofCase.AuthenticationFailed => new Events.AuthenticationFailed(
                usage,
                Read.Required("authentication_failed.reason", r.AuthenticationFailed.Reason)
            ),
            RecordUsageRequest.FactOneofCase.SearchPerformed => new Events.SearchPerformed(
                usage,
                Words("search_performed.criteria", r.SearchPerformed.Criteria),
                r.SearchPerformed.Results >= 0
                    ? r.SearchPerformed.Results
                    : throw new InvalidFieldException("search_performed.results", "A count is not negative.")
            ),
            RecordUsageRequest.FactOneofCase.ConsultationRefused => new Events.ConsultationRefused(
                usage,
                Whose("consultation_refused.allocataire", r.ConsultationRefused.Allocataire, usage),
                Read.Required("consultation_refused.reason", r.ConsultationRefused.Reason)
            ),
            RecordUsageRequest.FactOneofCase.DataExported => new Events.DataExported(
                usage,
                Whose("data_exported.allocataire", r.DataExported.Allocataire, usage),
                Words("data_exported.categories", r.DataExported.Categories)
            ),
            RecordUsageRequest.FactOneofCase.DataSupplied => new Events.DataSupplied(
                usage,
                Whose("data_supplied.allocataire", r.DataSupplied.Allocataire, usage),
                Words("data_supplied.categories", r.DataSupplied.Categories)
            ),
            _ => throw new InvalidFieldException("fact", "One of the facts is required."),
        };
    }

    private Pseudonym Whose(string field, Allocataire? allocataire, UsageOf usage)
    {
        var (caf, matricule) = Read.Allocataire(field, allocataire);
        var at = InvalidFieldException.Naming(
            "occurred_at",
            () => LegalTime.Past(usage.OccurredAt, DateTimeOffset.MaxValue.AddYears(-1), "A use")
        );
        return node.Pseudonyms.In(at, caf, matricule);
    }

    private static IReadOnlyList<string> Words(string field, IEnumerable<string> words) =>
        Read.Some(
            field,
            [
                .. words.Select(
                    (word, i) =>
                        Read.Opaque($"{field}[{i}]", word)
                        ?? throw new InvalidFieldException($"{field}[{i}]", "A word is required.")
                ),
            ]
        );
}
