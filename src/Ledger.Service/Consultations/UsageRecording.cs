using Caf.Ledger.V1;
using Grpc.Core;
using Ledger.Domain.Common;
using Ledger.Domain.Pseudonyms;
using Ledger.Domain.Usage;
using Ledger.Service.Callers;
using Ledger.Service.Mapping;
using Ledger.Store.Appending;
using Events = Ledger.Domain.Usage;

namespace Ledger.Service.Consultations;

/// <summary>Records the other facts of use.</summary>
internal sealed partial class ConsultationGrpcService
{
    public override async Task<RecordUsageResponse> RecordUsage(RecordUsageRequest r, ServerCallContext call)
    {
        var context = call.Asker();
        var usage = new UsageOf(
            Read.Text<CafCode>("caf", r.Caf),
            Read.Text<Siret>("siret", r.Siret),
            Read.Text<AgentId>("agent", r.Agent),
            Read.Optional<ServiceCode>("service", r.Service),
            null,
            Read.Instant("occurred_at", r.OccurredAt)
        );
        call.Caller().RequireInScope(usage.Caf, usage.Siret, usage.Agent, call.Caller().Programme);
        var details = new Details(
            Read.Opaque("session", r.Session),
            Read.Opaque("address", r.Address),
            Read.Opaque("channel", r.Channel)
        );
        InvalidFieldException.Naming("occurred_at", () => LegalTime.Past(usage.OccurredAt, time.GetUtcNow(), "A use"));
        var whose = Whose(r);
        if (whose is { } of && of.Caf != usage.Caf)
        {
            throw new InvalidFieldException("caf", "It is the Caf of the allocataire.");
        }

        UsageEventOf(r, usage, string.Empty);

        // Every field first: a month's key is made for what will be recorded, and for nothing else.
        var files = node.Pseudonyms.FilesName;
        var key = await node.Pseudonyms.InAsync(usage.OccurredAt, call.CancellationToken);
        var file = whose is var (caf, matricule) ? key.Of(node.Pseudonyms.Dossier(caf, matricule)).Value : string.Empty;
        var decided = UsageEventOf(r, usage with { Sealed = details.Seal(key, context.RequestId) }, file);
        var ack = await node.Writer.AppendAsync(
            AppendRequest.Of(context, key.Digest(Read.Values(node.Keyless(r))), new RecordUsage(decided), files),
            call.CancellationToken,
            call.TurnTaker()
        );
        await node.CoveredAsync(r.Context.Covered, ack, call.CancellationToken);
        return new() { Acknowledgement = Write.Acknowledgement(ack) };
    }

    private static UsageEvent UsageEventOf(RecordUsageRequest r, UsageOf usage, string file)
    {
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
                file,
                Read.Required("consultation_refused.reason", r.ConsultationRefused.Reason)
            ),
            RecordUsageRequest.FactOneofCase.DataExported => new Events.DataExported(
                usage,
                file,
                Words("data_exported.categories", r.DataExported.Categories)
            ),
            RecordUsageRequest.FactOneofCase.DataSupplied => new Events.DataSupplied(
                usage,
                file,
                Words("data_supplied.categories", r.DataSupplied.Categories)
            ),
            _ => throw new InvalidFieldException("fact", "One of the facts is required."),
        };
    }

    private static (CafCode Caf, Matricule Matricule)? Whose(RecordUsageRequest r) =>
        r.FactCase switch
        {
            RecordUsageRequest.FactOneofCase.ConsultationRefused => Read.Allocataire(
                "consultation_refused.allocataire",
                r.ConsultationRefused.Allocataire
            ),
            RecordUsageRequest.FactOneofCase.DataExported => Read.Allocataire(
                "data_exported.allocataire",
                r.DataExported.Allocataire
            ),
            RecordUsageRequest.FactOneofCase.DataSupplied => Read.Allocataire(
                "data_supplied.allocataire",
                r.DataSupplied.Allocataire
            ),
            _ => null,
        };

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
