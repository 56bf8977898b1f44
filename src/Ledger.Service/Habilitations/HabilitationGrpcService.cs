using Caf.Ledger.V1;
using Grpc.Core;
using Ledger.Domain.Common;
using Ledger.Domain.Habilitations;
using Ledger.Service.Hosting;
using Ledger.Service.Mapping;

namespace Ledger.Service.Habilitations;

/// <summary>Maps the life of an access right to commands.</summary>
internal sealed class HabilitationGrpcService(LedgerNode node, TimeProvider time)
    : HabilitationService.HabilitationServiceBase
{
    public override async Task<GrantHabilitationResponse> GrantHabilitation(
        GrantHabilitationRequest r,
        ServerCallContext call
    )
    {
        var ack = await node.DecideAsync(
            r,
            r.Context,
            call,
            () =>
                new GrantHabilitation(
                    new HabilitationGranted(
                        Read.Text<HabilitationId>("habilitation", r.Habilitation),
                        Read.Text<ConventionId>("convention", r.Convention),
                        Read.Text<AgentId>("agent", r.Agent),
                        Read.Text<ServiceCode>("service", r.Service),
                        Read.Text<ProfilCode>("profil", r.Profil),
                        Read.Texts<Purpose>("purposes", r.Purposes),
                        Read.Perimeter("perimeter", r.Perimeter, node.Pseudonyms),
                        Read.Day("from", r.From),
                        r.Until.Length == 0 ? null : Read.Day("until", r.Until),
                        Read.Instant("granted_at", r.GrantedAt, time.GetUtcNow()),
                        Read.Required("reason", r.Reason),
                        ToOneself: false
                    )
                )
        );
        return new()
        {
            Acknowledgement = Write.Acknowledgement(ack),
            ToOneself = ((HabilitationGranted)ack.Event).ToOneself,
        };
    }

    public override async Task<SuspendHabilitationResponse> SuspendHabilitation(
        SuspendHabilitationRequest r,
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
                        new SuspendHabilitation(
                            new HabilitationSuspended(
                                Read.Text<HabilitationId>("habilitation", r.Habilitation),
                                Read.Instant("at", r.At, time.GetUtcNow()),
                                r.Precautionary,
                                Read.Required("reason", r.Reason)
                            )
                        )
                )
            ),
        };

    public override async Task<LiftSuspensionResponse> LiftSuspension(
        LiftSuspensionRequest r,
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
                        new LiftSuspension(
                            new SuspensionLifted(
                                Read.Text<HabilitationId>("habilitation", r.Habilitation),
                                Read.Instant("at", r.At, time.GetUtcNow()),
                                Read.Required("reason", r.Reason)
                            )
                        )
                )
            ),
        };

    public override async Task<RevokeHabilitationResponse> RevokeHabilitation(
        RevokeHabilitationRequest r,
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
                        new RevokeHabilitation(
                            new HabilitationRevoked(
                                Read.Text<HabilitationId>("habilitation", r.Habilitation),
                                Read.Instant("at", r.At, time.GetUtcNow()),
                                Read.Required("reason", r.Reason)
                            )
                        )
                )
            ),
        };

    public override async Task<ModifyHabilitationResponse> ModifyHabilitation(
        ModifyHabilitationRequest r,
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
                        new ModifyHabilitation(
                            new HabilitationModified(
                                Read.Text<HabilitationId>("habilitation", r.Habilitation),
                                Read.Instant("at", r.At, time.GetUtcNow()),
                                r.Purposes.Count == 0 ? null : Read.Texts<Purpose>("purposes", r.Purposes),
                                r.Perimeter is null ? null : Read.Perimeter("perimeter", r.Perimeter, node.Pseudonyms),
                                r.Until.Length == 0 ? null : Read.Day("until", r.Until),
                                Read.Required("reason", r.Reason)
                            )
                        )
                )
            ),
        };

    public override async Task<InvalidateHabilitationResponse> InvalidateHabilitation(
        InvalidateHabilitationRequest r,
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
                        new InvalidateHabilitation(
                            new HabilitationInvalidated(
                                Read.Text<HabilitationId>("habilitation", r.Habilitation),
                                Read.Instant("at", r.At, time.GetUtcNow()),
                                Read.Required("reason", r.Reason)
                            )
                        )
                )
            ),
        };

    public override async Task<ReviewHabilitationResponse> ReviewHabilitation(
        ReviewHabilitationRequest r,
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
                        new ReviewHabilitation(
                            new HabilitationReviewed(
                                Read.Text<HabilitationId>("habilitation", r.Habilitation),
                                Read.Instant("at", r.At, time.GetUtcNow()),
                                Read.Required("outcome", r.Outcome)
                            )
                        )
                )
            ),
        };
}
