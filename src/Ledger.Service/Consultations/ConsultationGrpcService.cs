using System.Threading.Channels;
using Caf.Ledger.V1;
using Grpc.Core;
using Ledger.Domain.Common;
using Ledger.Domain.Consultations;
using Ledger.Domain.Pseudonyms;
using Ledger.Service.Callers;
using Ledger.Service.Hosting;
using Ledger.Service.Mapping;
using Ledger.Store.Appending;
using Acknowledgement = Ledger.Store.Appending.Acknowledgement;
using Opened = Ledger.Domain.Consultations.RecordConsultation;
using Purpose = Ledger.Domain.Common.Purpose;

namespace Ledger.Service.Consultations;

/// <summary>Records consultations, one at a time or as a stream.</summary>
internal sealed partial class ConsultationGrpcService(
    LedgerNode node,
    ErrorInterceptor errors,
    TimeProvider time,
    IHostApplicationLifetime lifetime
) : ConsultationService.ConsultationServiceBase
{
    private const int MostInFlight = 256;

    private static readonly WriteOptions Together = new(WriteFlags.BufferHint);

    public override async Task<RecordConsultationResponse> RecordConsultation(
        RecordConsultationRequest request,
        ServerCallContext context
    )
    {
        var ack = await NamedAsync(
            node.Writer.AppendAsync(
                await ParseAsync(context.Asker(), request.Context, request.Consultation, context),
                context.CancellationToken,
                context.TurnTaker()
            )
        );
        await node.CoveredAsync(request.Context.Covered, ack, context.CancellationToken);
        return new() { Acknowledgement = Write.Acknowledgement(ack), Verdict = VerdictOf(ack) };
    }

    public override async Task RecordConsultations(
        IAsyncStreamReader<RecordConsultationsRequest> requestStream,
        IServerStreamWriter<RecordConsultationsResponse> responseStream,
        ServerCallContext context
    )
    {
        // Items go to the writer as they come; their answers are sent in the same order. The bound is what tells the
        // caller to wait. Only what the answer needs is kept of an item.
        var inFlight = Channel.CreateBounded<InFlight>(MostInFlight);
        var answering = AnswerAsync(inFlight.Reader, responseStream, context.CancellationToken);
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(
            context.CancellationToken,
            lifetime.ApplicationStopping
        );
        try
        {
            while (await NextAsync(requestStream, stopping.Token))
            {
                var item = requestStream.Current;
                var answer = await EnqueueAsync(item, context);
                await inFlight.Writer.WriteAsync(
                    new InFlight(IdOf(item), item.Context?.Covered == true, answer),
                    context.CancellationToken
                );
            }
        }
        catch (Exception e) when (!context.CancellationToken.IsCancellationRequested)
        {
            // What was taken is recorded and answered; the caller sends the rest elsewhere, or again.
            inFlight.Writer.Complete();
            await answering;
            if (lifetime.ApplicationStopping.IsCancellationRequested)
            {
                throw new NodeStoppingException(e);
            }

            throw;
        }
        finally
        {
            inFlight.Writer.TryComplete();
        }

        await answering;
    }

    // A caller who resets her stream is gone, which is no failure of ours.
    private static async Task<bool> NextAsync(
        IAsyncStreamReader<RecordConsultationsRequest> stream,
        CancellationToken cancel
    )
    {
        try
        {
            return await stream.MoveNext(cancel);
        }
        catch (IOException e)
        {
            throw new OperationCanceledException("The caller left.", e);
        }
    }

    // What a caller sent as the id comes back in the answer, unless it is too long for one.
    private static string IdOf(RecordConsultationsRequest item) =>
        item.Context?.RequestId is { Length: <= 64 } id ? id : string.Empty;

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

    // Whatever is wrong with an item is told for that item; the stream goes on.
    private async Task<Task<Acknowledgement>> EnqueueAsync(RecordConsultationsRequest item, ServerCallContext call)
    {
        call.Caller().RequireCurrent(time.GetUtcNow());
        try
        {
            var request = await ParseAsync(call.Context(item.Context), item.Context, item.Consultation, call);
            return NamedAsync(await node.Writer.EnqueueAsync(request, call.TurnTaker(), call.CancellationToken));
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return Task.FromException<Acknowledgement>(e);
        }
    }

    private async Task AnswerAsync(
        ChannelReader<InFlight> inFlight,
        IServerStreamWriter<RecordConsultationsResponse> stream,
        CancellationToken cancel
    )
    {
        await foreach (var (id, covered, answer) in inFlight.ReadAllAsync(cancel))
        {
            var response = new RecordConsultationsResponse { RequestId = id };
            try
            {
                var ack = await node.CoveredAsync(covered, await answer, cancel);
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

            // Answers that are there already leave together.
            var more = inFlight.TryPeek(out var next) && next is { Covered: false, Answer.IsCompleted: true };
            stream.WriteOptions = more ? Together : WriteOptions.Default;
            await stream.WriteAsync(response, cancel);
        }
    }

    private async ValueTask<AppendRequest> ParseAsync(
        EventContext read,
        RequestContext? context,
        Consultation? c,
        ServerCallContext call
    )
    {
        if (c is null)
        {
            throw new InvalidFieldException("consultation", "It is required.");
        }

        var files = node.Pseudonyms.FilesName;
        var (caf, matricule) = Read.Allocataire("consultation.allocataire", c.Allocataire);
        var at = Read.Instant("consultation.occurred_at", c.OccurredAt);
        InvalidFieldException.Naming(
            "consultation.occurred_at",
            () => LegalTime.Past(at, time.GetUtcNow(), "A consultation")
        );
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
        call.Caller().RequireInScope(use.Caf, use.Siret, use.Agent, use.Programme);
        var consultation = Read.Uuid("consultation.consultation", c.Consultation_);
        var details = new Details(
            Read.Opaque("consultation.session", c.Session),
            Read.Opaque("consultation.address", c.Address),
            Read.Opaque("consultation.channel", c.Channel),
            Read.Opaque("consultation.client_application", c.ClientApplication),
            Read.Opaque("consultation.business_file", c.BusinessFile)
        );

        // Every field first: a month's key is made for what will be recorded, and for nothing else.
        var key = await node.Pseudonyms.InAsync(at, call.CancellationToken);
        return AppendRequest.Of(
            read,
            key.Digest(
                Read.Values(node.Keyless(new RecordConsultationRequest { Context = context!, Consultation = c }))
            ),
            Opened.Of(consultation, use, details, key, read.RequestId),
            files
        );
    }

    private static Caf.Ledger.V1.Verdict VerdictOf(Acknowledgement ack) =>
        Write.Verdict(((ConsultationRecorded)ack.Event).Verdict);

    // An item on its way: what its answer needs.
    private readonly record struct InFlight(string Id, bool Covered, Task<Acknowledgement> Answer);
}
