using Caf.Ledger.V1;
using Grpc.Core;
using Ledger.Domain.Common;
using Ledger.Domain.Partenariats;
using Ledger.Service.Mapping;
using Rules = Ledger.Domain.Partenariats;

namespace Ledger.Service.Conventions;

/// <summary>What changes a convention after its signature, and what is said of its agents.</summary>
internal sealed partial class ConventionGrpcService
{
    public override async Task<AmendConventionResponse> AmendConvention(
        AmendConventionRequest r,
        ServerCallContext call
    ) =>
        new()
        {
            Acknowledgement = Write.Acknowledgement(
                await node.DecideAsync(
                    r,
                    r.Context,
                    call,
                    () =>
                        new AmendConvention(
                            new ConventionAmended(
                                Read.Text<ConventionId>("convention", r.Convention),
                                Read.Required("number", r.Number),
                                Read.Day("signed_by_caf_on", r.SignedByCafOn),
                                Read.Day("signed_by_partenaire_on", r.SignedByPartenaireOn),
                                Read.Day("from", r.From),
                                r.Missions.Count == 0 ? null : Read.Texts<Purpose>("missions", r.Missions),
                                Read.Required("text", r.Text)
                            )
                        )
                )
            ),
        };

    public override async Task<ChangeHabilitationModeResponse> ChangeHabilitationMode(
        ChangeHabilitationModeRequest r,
        ServerCallContext call
    ) =>
        new()
        {
            Acknowledgement = Write.Acknowledgement(
                await node.DecideAsync(
                    r,
                    r.Context,
                    call,
                    () =>
                        new ChangeHabilitationMode(
                            new HabilitationModeChanged(
                                Read.Text<ConventionId>("convention", r.Convention),
                                Read.Enum<Caf.Ledger.V1.HabilitationMode, Rules.HabilitationMode>("mode", r.Mode),
                                Read.Day("from", r.From),
                                Read.Required("reason", r.Reason)
                            )
                        )
                )
            ),
        };

    public override async Task<TerminateConventionResponse> TerminateConvention(
        TerminateConventionRequest r,
        ServerCallContext call
    ) =>
        new()
        {
            Acknowledgement = Write.Acknowledgement(
                await node.DecideAsync(
                    r,
                    r.Context,
                    call,
                    () =>
                        new TerminateConvention(
                            new ConventionTerminated(
                                Read.Text<ConventionId>("convention", r.Convention),
                                Read.Day("from", r.From),
                                Read.Required("reason", r.Reason)
                            )
                        )
                )
            ),
        };

    public override async Task<ReportFunctionChangeResponse> ReportFunctionChange(
        ReportFunctionChangeRequest r,
        ServerCallContext call
    ) =>
        new()
        {
            Acknowledgement = Write.Acknowledgement(
                await node.DecideAsync(
                    r,
                    r.Context,
                    call,
                    () =>
                        new ReportFunctionChange(
                            new AgentFunctionChanged(
                                Read.Text<ConventionId>("convention", r.Convention),
                                Read.Text<AgentId>("agent", r.Agent),
                                Read.Required("function", r.Function),
                                Read.Day("from", r.From),
                                Read.Day("signalled_on", r.SignalledOn)
                            )
                        )
                )
            ),
        };

    public override async Task<RecordCredentialsResponse> RecordCredentials(
        RecordCredentialsRequest r,
        ServerCallContext call
    ) =>
        new()
        {
            Acknowledgement = Write.Acknowledgement(
                await node.DecideAsync(
                    r,
                    r.Context,
                    call,
                    () =>
                        new RecordCredentials(
                            new CredentialsIssued(
                                Read.Text<ConventionId>("convention", r.Convention),
                                Read.Text<AgentId>("agent", r.Agent),
                                Read.Required("reference", r.Reference),
                                Read.Day("on", r.On)
                            )
                        )
                )
            ),
        };

    public override async Task<DeclareAutomatonResponse> DeclareAutomaton(
        DeclareAutomatonRequest r,
        ServerCallContext call
    ) =>
        new()
        {
            Acknowledgement = Write.Acknowledgement(
                await node.DecideAsync(
                    r,
                    r.Context,
                    call,
                    () =>
                        new DeclareAutomaton(
                            new AutomatonDeclared(
                                Read.Text<ConventionId>("convention", r.Convention),
                                Read.Text<AgentId>("programme", r.Programme),
                                Read.Text<AgentId>("bearer", r.Bearer),
                                Read.Day("from", r.From)
                            )
                        )
                )
            ),
        };

    public override async Task<RequestHabilitationResponse> RequestHabilitation(
        RequestHabilitationRequest r,
        ServerCallContext call
    ) =>
        new()
        {
            Acknowledgement = Write.Acknowledgement(
                await node.DecideAsync(
                    r,
                    r.Context,
                    call,
                    () =>
                        new RequestHabilitation(
                            new HabilitationRequested(
                                Read.Text<ConventionId>("convention", r.Convention),
                                Read.Text<HabilitationId>("habilitation", r.Habilitation),
                                Read.Text<AgentId>("agent", r.Agent),
                                Read.Text<ServiceCode>("service", r.Service),
                                Read.Text<ProfilCode>("profil", r.Profil),
                                Read.Required("reason", r.Reason),
                                Read.Day("on", r.On)
                            )
                        )
                )
            ),
        };

    public override async Task<RefuseHabilitationResponse> RefuseHabilitation(
        RefuseHabilitationRequest r,
        ServerCallContext call
    ) =>
        new()
        {
            Acknowledgement = Write.Acknowledgement(
                await node.DecideAsync(
                    r,
                    r.Context,
                    call,
                    () =>
                        new RefuseHabilitation(
                            new HabilitationRefused(
                                Read.Text<ConventionId>("convention", r.Convention),
                                Read.Text<HabilitationId>("habilitation", r.Habilitation),
                                Read.Required("reason", r.Reason),
                                Read.Day("on", r.On)
                            )
                        )
                )
            ),
        };
}
