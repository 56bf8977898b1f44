using Caf.Ledger.V1;
using Grpc.Core;
using Ledger.Domain.Common;
using Ledger.Domain.Partenariats;
using Ledger.Service.Hosting;
using Ledger.Service.Mapping;
using Rules = Ledger.Domain.Partenariats;

namespace Ledger.Service.Conventions;

/// <summary>Maps the life of a convention to commands.</summary>
internal sealed partial class ConventionGrpcService(LedgerNode node) : ConventionService.ConventionServiceBase
{
    public override async Task<SignConventionResponse> SignConvention(
        SignConventionRequest r,
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
                        new SignConvention(
                            new ConventionSigned(
                                Read.Text<ConventionId>("convention", r.Convention),
                                Read.Required("number", r.Number),
                                Read.Text<CafCode>("caf", r.Caf),
                                Read.Text<Siret>("siret", r.Siret),
                                Read.Day("signed_by_caf_on", r.SignedByCafOn),
                                Read.Day("signed_by_partenaire_on", r.SignedByPartenaireOn),
                                Read.Texts<Purpose>("missions", r.Missions),
                                r.Mode == Caf.Ledger.V1.HabilitationMode.Unspecified
                                    ? Rules.HabilitationMode.Delegue
                                    : Read.Enum<Caf.Ledger.V1.HabilitationMode, Rules.HabilitationMode>("mode", r.Mode)
                            )
                        )
                )
            ),
        };

    public override async Task<RecordCnilFormalityResponse> RecordCnilFormality(
        RecordCnilFormalityRequest r,
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
                        new RecordCnilFormality(
                            new CnilFormalityRecorded(
                                Read.Text<ConventionId>("convention", r.Convention),
                                Read.Enum<Caf.Ledger.V1.Party, Rules.Party>("party", r.Party),
                                Read.Required("reference", r.Reference),
                                Read.Enum<Caf.Ledger.V1.FormalityOutcome, Rules.FormalityOutcome>("outcome", r.Outcome),
                                Read.Day("on", r.On)
                            )
                        )
                )
            ),
        };

    public override async Task<SignServiceContractResponse> SignServiceContract(
        SignServiceContractRequest r,
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
                        new SignServiceContract(
                            new ServiceContractSigned(
                                Read.Text<ConventionId>("convention", r.Convention),
                                Read.Required("version", r.Version),
                                Read.Day("on", r.On),
                                Read.Required("opening_hours", r.OpeningHours),
                                Read.Required("password_rules", r.PasswordRules),
                                r.TraceRetentionMonths,
                                Read.Required("trace_request_process", r.TraceRequestProcess)
                            )
                        )
                )
            ),
        };

    public override async Task<SignEnrolmentResponse> SignEnrolment(SignEnrolmentRequest r, ServerCallContext call) =>
        new()
        {
            Acknowledgement = Write.Acknowledgement(
                await node.DecideAsync(
                    r,
                    r.Context,
                    call,
                    () =>
                        new SignEnrolment(
                            new EnrolmentSigned(
                                Read.Text<ConventionId>("convention", r.Convention),
                                Read.Text<ServiceCode>("service", r.Service),
                                Read.Texts<ProfilCode>("profils", r.Profils),
                                Read.Texts<Purpose>("purposes", r.Purposes),
                                Read.Perimeter("perimeter", r.Perimeter, node.Pseudonyms),
                                Read.Day("on", r.On)
                            )
                        )
                )
            ),
        };

    public override async Task<OpenServiceResponse> OpenService(OpenServiceRequest r, ServerCallContext call) =>
        new()
        {
            Acknowledgement = Write.Acknowledgement(
                await node.DecideAsync(
                    r,
                    r.Context,
                    call,
                    () =>
                        new OpenService(
                            new ServiceOpened(
                                Read.Text<ConventionId>("convention", r.Convention),
                                Read.Text<ServiceCode>("service", r.Service),
                                Read.Day("from", r.From)
                            )
                        )
                )
            ),
        };

    public override async Task<CloseServiceResponse> CloseService(CloseServiceRequest r, ServerCallContext call) =>
        new()
        {
            Acknowledgement = Write.Acknowledgement(
                await node.DecideAsync(
                    r,
                    r.Context,
                    call,
                    () =>
                        new CloseService(
                            new ServiceClosed(
                                Read.Text<ConventionId>("convention", r.Convention),
                                Read.Text<ServiceCode>("service", r.Service),
                                Read.Day("from", r.From),
                                Read.Required("reason", r.Reason)
                            )
                        )
                )
            ),
        };

    public override async Task<DesignateGestionnaireResponse> DesignateGestionnaire(
        DesignateGestionnaireRequest r,
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
                        new DesignateGestionnaire(
                            new GestionnaireDesignated(
                                Read.Text<ConventionId>("convention", r.Convention),
                                Read.Text<AgentId>("agent", r.Agent),
                                Read.Enum<Caf.Ledger.V1.GestionnaireRank, Rules.GestionnaireRank>("rank", r.Rank),
                                Read.Day("from", r.From)
                            )
                        )
                )
            ),
        };

    public override async Task<RevokeGestionnaireResponse> RevokeGestionnaire(
        RevokeGestionnaireRequest r,
        ServerCallContext call
    )
    {
        var ack = await node.DecideAsync(
            r,
            r.Context,
            call,
            () =>
                new RevokeGestionnaire(
                    Read.Text<ConventionId>("convention", r.Convention),
                    Read.Text<AgentId>("agent", r.Agent),
                    Read.Day("from", r.From)
                )
        );
        return new()
        {
            Acknowledgement = Write.Acknowledgement(ack),
            LeavesNone = ((GestionnaireRevoked)ack.Event).LeavesNone,
        };
    }

    public override async Task<AttachAgentResponse> AttachAgent(AttachAgentRequest r, ServerCallContext call) =>
        new()
        {
            Acknowledgement = Write.Acknowledgement(
                await node.DecideAsync(
                    r,
                    r.Context,
                    call,
                    () =>
                        new AttachAgent(
                            new AgentAttached(
                                Read.Text<ConventionId>("convention", r.Convention),
                                Read.Text<AgentId>("agent", r.Agent),
                                Read.Required("function", r.Function),
                                Read.Day("from", r.From)
                            )
                        )
                )
            ),
        };

    public override async Task<ReportDepartureResponse> ReportDeparture(
        ReportDepartureRequest r,
        ServerCallContext call
    )
    {
        var ack = await node.DecideAsync(
            r,
            r.Context,
            call,
            () =>
                new ReportDeparture(
                    new AgentDeparted(
                        Read.Text<ConventionId>("convention", r.Convention),
                        Read.Text<AgentId>("agent", r.Agent),
                        Read.Day("left_on", r.LeftOn),
                        Read.Day("signalled_on", r.SignalledOn)
                    )
                )
        );
        return new()
        {
            Acknowledgement = Write.Acknowledgement(ack),
            DelayInDays = ((AgentDeparted)ack.Event).DelayInDays,
        };
    }
}
