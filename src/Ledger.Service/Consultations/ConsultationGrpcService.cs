using System.Threading.Channels;
using Caf.Ledger.V1;
using Grpc.Core;
using Ledger.Domain.Common;
using Ledger.Domain.Consultations;
using Ledger.Service.Hosting;
using Ledger.Service.Mapping;
using Ledger.Store.Appending;
using Ledger.Store.Schema;
using Acknowledgement = Ledger.Store.Appending.Acknowledgement;
using Purpose = Ledger.Domain.Common.Purpose;

namespace Ledger.Service.Consultations;

/// <summary>Records consultations, one at a time or as a stream.</summary>
internal sealed partial class ConsultationGrpcService(LedgerNode node, ErrorInterceptor errors)
    : ConsultationService.ConsultationServiceBase
{
    private const int MostInFlight = 1000;

    public override async Task<RecordConsultationResponse> RecordConsultation(
        RecordConsultationRequest request,
        ServerCallContext context
    )
    {
        var ack = await NamedAsync(
            node.Writer.AppendAsync(Parse(request.Context, request.Consultation), context.CancellationToken)
        );
        await node.CoveredAsync(request.Context, ack, context.CancellationToken);
        return new() { Acknowledgement = Write.Acknowledgement(ack), Verdict = VerdictOf(ack) };
    }

    public override async Task RecordConsultations(
        IAsyncStreamReader<RecordConsultationsRequest> requestStream,
        IServerStreamWriter<RecordConsultationsResponse> responseStream,
        ServerCallContext context
    )
    {
        // Items go to the writer as they come; their answers are sent in the same order. The bound is what tells the
        // caller to wait.
        var inFlight = Channel.CreateBounded<(RequestContext? Context, Task<Acknowledgement> Answer)>(MostInFlight);
        var answering = AnswerAsync(inFlight.Reader, responseStream, context.CancellationToken);
        try
        {
            while (await requestStream.MoveNext(context.CancellationToken))
            {
                var item = requestStream.Current;
                await inFlight.Writer.WriteAsync(
                    (item.Context, await EnqueueAsync(item, context.CancellationToken)),
                    context.CancellationToken
                );
            }
        }
        finally
        {
            inFlight.Writer.Complete();
        }

        await answering;
    }

    // The domain names the fields of a consultation; a caller knows them under the request's.
    private static async Task<Acknowledgement> NamedAsync(Task<Acknowledgement> answer)
    {
        try
        {
            return await answer;
        }
        catch (InvalidFieldException e) when (!e.Field.Contains('.', StringComparison.Ordinal))
        {
            throw new InvalidFieldException($"consultation.{e.Field}", e.Message);
        }
    }

    private async Task<Task<Acknowledgement>> EnqueueAsync(RecordConsultationsRequest item, CancellationToken cancel)
    {
        try
        {
            return await node.Writer.EnqueueAsync(Parse(item.Context, item.Consultation), cancel);
        }
        catch (Exception e) when (e is InvalidFieldException or StoreUnavailableException)
        {
            return Task.FromException<Acknowledgement>(e);
        }
    }

    private async Task AnswerAsync(
        ChannelReader<(RequestContext? Context, Task<Acknowledgement> Answer)> inFlight,
        IServerStreamWriter<RecordConsultationsResponse> stream,
        CancellationToken cancel
    )
    {
        await foreach (var (context, answer) in inFlight.ReadAllAsync(cancel))
        {
            var response = new RecordConsultationsResponse { RequestId = context?.RequestId ?? string.Empty };
            try
            {
                var ack = await node.CoveredAsync(context, await NamedAsync(answer), cancel);
                response.Recorded = new() { Acknowledgement = Write.Acknowledgement(ack), Verdict = VerdictOf(ack) };
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                var status = errors.Translate(e);
                response.Error = new ItemError
                {
                    Code = status.Code,
                    Message = status.Message,
                    Details = { status.Details },
                };
            }

            await stream.WriteAsync(response, cancel);
        }
    }

    private AppendRequest Parse(RequestContext? context, Consultation? c)
    {
        var read = Read.Context(context);
        if (c is null)
        {
            throw new InvalidFieldException("consultation", "It is required.");
        }

        var (caf, matricule) = Read.Allocataire("consultation.allocataire", c.Allocataire);
        var at = Read.Instant("consultation.occurred_at", c.OccurredAt);
        if (at < LegalTime.Earliest || at > DateTimeOffset.MaxValue.AddYears(-1))
        {
            throw new InvalidFieldException(
                "consultation.occurred_at",
                "A consultation is neither before 2000 nor in the future."
            );
        }

        var use = new Use(
            caf,
            Read.Text<Siret>("consultation.siret", c.Siret),
            Read.Text<AgentId>("consultation.agent", c.Agent),
            Read.Optional<HabilitationId>("consultation.habilitation", c.Habilitation),
            Read.Text<ServiceCode>("consultation.service", c.Service),
            Read.Text<ProfilCode>("consultation.profil", c.Profil),
            Read.Text<Purpose>("consultation.purpose", c.Purpose),
            at,
            Read.Optional<AgentId>("consultation.programme", c.Programme),
            node.Pseudonyms.Dossier(caf, matricule)
        );
        var pseudonym = node.Pseudonyms.In(at, caf, matricule);
        var command = new RecordConsultation(
            Read.Uuid("consultation.consultation", c.Consultation_),
            use,
            pseudonym,
            Read.Opaque("consultation.business_file", c.BusinessFile),
            Read.Opaque("consultation.session", c.Session),
            Read.Opaque("consultation.channel", c.Channel),
            Read.Opaque("consultation.client_application", c.ClientApplication),
            Read.Opaque("consultation.address", c.Address)
        );

        // The digest is kept in the database: it must not let anyone find the matricule by trying them all.
        var keyless = new RecordConsultationRequest { Context = context!.Clone(), Consultation = c.Clone() };
        keyless.Consultation.Allocataire.Matricule = pseudonym.Value;
        keyless.Context.Covered = false;
        return AppendRequest.Of(read, Read.Digest(keyless), command);
    }

    private static Caf.Ledger.V1.Verdict VerdictOf(Acknowledgement ack) =>
        Write.Verdict(((ConsultationRecorded)ack.Event).Verdict);
}
