using Caf.Ledger.V1;
using Google.Protobuf.WellKnownTypes;
using Ledger.Client;
using Ledger.Domain.Consultations;
using Ledger.Domain.Control;
using Ledger.Domain.Dossiers;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Partenariats;
using Ledger.Domain.Procedures;
using Ledger.Domain.Pseudonyms;
using Ledger.Domain.Simulation;

namespace Ledger.Cli.Demo;

/// <summary>Says a simulated history to a ledger over gRPC, as its partners and its Caf would.</summary>
internal sealed class SimulatedRequests(LedgerClient client)
{
    private readonly Dictionary<int, long> _positions = [];

    /// <summary>Says one act, and gives its position.</summary>
    public async Task<long> SayAsync(SimulatedAct act, CancellationToken cancel)
    {
        var ack = await SaidAsync(act, Context(act), cancel);
        _positions[act.Number] = ack.Position;
        return ack.Position;
    }

    private async Task<Acknowledgement> SaidAsync(SimulatedAct act, RequestContext by, CancellationToken cancel)
    {
        var (c, h) = (client.Conventions, client.Habilitations);
        switch (act.Command)
        {
            case SignConvention { Event: var e }:
                return (
                    await c.SignConventionAsync(
                        new()
                        {
                            Context = by,
                            Convention = e.Convention.Value,
                            Number = e.Number,
                            Caf = e.Caf.Value,
                            Siret = e.Siret.Value,
                            SignedByCafOn = Day(e.SignedByCafOn),
                            SignedByPartenaireOn = Day(e.SignedByPartenaireOn),
                            Missions = { e.Missions.Select(m => m.Value) },
                        },
                        cancellationToken: cancel
                    )
                ).Acknowledgement;
            case RecordCnilFormality { Event: var e }:
                return (
                    await c.RecordCnilFormalityAsync(
                        new()
                        {
                            Context = by,
                            Convention = e.Convention.Value,
                            Party = (Caf.Ledger.V1.Party)(e.Party + 1),
                            Reference = e.Reference,
                            Outcome = (Caf.Ledger.V1.FormalityOutcome)(e.Outcome + 1),
                            On = Day(e.On),
                        },
                        cancellationToken: cancel
                    )
                ).Acknowledgement;
            case SignServiceContract { Event: var e }:
                return (
                    await c.SignServiceContractAsync(
                        new()
                        {
                            Context = by,
                            Convention = e.Convention.Value,
                            Version = e.Version,
                            On = Day(e.On),
                            OpeningHours = e.OpeningHours,
                            PasswordRules = e.PasswordRules,
                            TraceRetentionMonths = e.TraceRetentionMonths,
                            TraceRequestProcess = e.TraceRequestProcess,
                        },
                        cancellationToken: cancel
                    )
                ).Acknowledgement;
            case SignEnrolment { Event: var e }:
                return (
                    await c.SignEnrolmentAsync(
                        new()
                        {
                            Context = by,
                            Convention = e.Convention.Value,
                            Service = e.Service.Value,
                            Profils = { e.Profils.Select(p => p.Value) },
                            Purposes = { e.Purposes.Select(p => p.Value) },
                            Perimeter = new() { WholeCaf = new() },
                            On = Day(e.On),
                        },
                        cancellationToken: cancel
                    )
                ).Acknowledgement;
            case OpenService { Event: var e }:
                return (
                    await c.OpenServiceAsync(
                        new()
                        {
                            Context = by,
                            Convention = e.Convention.Value,
                            Service = e.Service.Value,
                            From = Day(e.From),
                        },
                        cancellationToken: cancel
                    )
                ).Acknowledgement;
            case DesignateGestionnaire { Event: var e }:
                return (
                    await c.DesignateGestionnaireAsync(
                        new()
                        {
                            Context = by,
                            Convention = e.Convention.Value,
                            Agent = e.Agent.Value,
                            Rank = (Caf.Ledger.V1.GestionnaireRank)(e.Rank + 1),
                            From = Day(e.From),
                        },
                        cancellationToken: cancel
                    )
                ).Acknowledgement;
            case AttachAgent { Event: var e }:
                return (
                    await c.AttachAgentAsync(
                        new()
                        {
                            Context = by,
                            Convention = e.Convention.Value,
                            Agent = e.Agent.Value,
                            Function = e.Function,
                            From = Day(e.From),
                        },
                        cancellationToken: cancel
                    )
                ).Acknowledgement;
            case ReportDeparture { Event: var e }:
                return (
                    await c.ReportDepartureAsync(
                        new()
                        {
                            Context = by,
                            Convention = e.Convention.Value,
                            Agent = e.Agent.Value,
                            LeftOn = Day(e.LeftOn),
                            SignalledOn = Day(e.SignalledOn),
                        },
                        cancellationToken: cancel
                    )
                ).Acknowledgement;
            case GrantHabilitation { Event: var e }:
                return (
                    await h.GrantHabilitationAsync(
                        new()
                        {
                            Context = by,
                            Habilitation = e.Habilitation.Value,
                            Convention = e.Convention.Value,
                            Agent = e.Agent.Value,
                            Service = e.Service.Value,
                            Profil = e.Profil.Value,
                            Purposes = { e.Purposes.Select(p => p.Value) },
                            Perimeter = new() { WholeCaf = new() },
                            From = Day(e.From),
                            Until = e.Until is { } until ? Day(until) : string.Empty,
                            GrantedAt = e.GrantedAt.ToTimestamp(),
                            Reason = e.Why,
                        },
                        cancellationToken: cancel
                    )
                ).Acknowledgement;
            case SuspendHabilitation { Event: var e }:
                return (
                    await h.SuspendHabilitationAsync(
                        new()
                        {
                            Context = by,
                            Habilitation = e.Habilitation.Value,
                            At = e.At.ToTimestamp(),
                            Precautionary = e.Precautionary,
                            Reason = e.Why,
                        },
                        cancellationToken: cancel
                    )
                ).Acknowledgement;
            case LiftSuspension { Event: var e }:
                return (
                    await h.LiftSuspensionAsync(
                        new()
                        {
                            Context = by,
                            Habilitation = e.Habilitation.Value,
                            At = e.At.ToTimestamp(),
                            Reason = e.Why,
                        },
                        cancellationToken: cancel
                    )
                ).Acknowledgement;
            case RevokeHabilitation { Event: var e }:
                return (
                    await h.RevokeHabilitationAsync(
                        new()
                        {
                            Context = by,
                            Habilitation = e.Habilitation.Value,
                            At = e.At.ToTimestamp(),
                            Reason = e.Why,
                        },
                        cancellationToken: cancel
                    )
                ).Acknowledgement;
            case TakeStep { Step: var s } step:
                var taken = new TakeStepRequest
                {
                    Context = by,
                    Procedure = s.Procedure.Value,
                    Step = step.Name,
                    Convention = s.Convention?.Value ?? string.Empty,
                    By = (Caf.Ledger.V1.Party)(s.By + 1),
                    On = Day(s.On),
                    Text = s.Text,
                };
                taken.Details.Add(s.Details.ToDictionary(d => d.Key, d => d.Value));
                return (await client.Procedures.TakeStepAsync(taken, cancellationToken: cancel)).Acknowledgement;
            case Rectify r:
                return (
                    await client.Procedures.RectifyEventAsync(
                        new()
                        {
                            Context = by,
                            Of = _positions[(int)r.Of],
                            Reason = r.Why,
                        },
                        cancellationToken: cancel
                    )
                ).Acknowledgement;
            case RecordDossier { Event: DossierTransferred e }:
                return (
                    await client.Procedures.TransferDossierAsync(
                        new()
                        {
                            Context = by,
                            From = File(act.Files[0]),
                            To = File(act.Files[1]),
                            On = Day(e.On),
                        },
                        cancellationToken: cancel
                    )
                ).Acknowledgement;
            case RecordConsultation r:
                return (
                    await client.Consultations.RecordConsultationAsync(
                        new() { Context = by, Consultation = Opened(r, act.Details!, act.Files[0]) },
                        cancellationToken: cancel
                    )
                ).Acknowledgement;
            default:
                throw new ArgumentException($"A simulated history has no {act.Command.GetType().Name}.", nameof(act));
        }
    }

    private static RequestContext Context(SimulatedAct act)
    {
        var actor = act.Context.Actor;
        var by = new Actor { Id = actor.Id.Value, Kind = ActorKind.Human };
        if (actor.Caf is { } caf)
        {
            by.Caf = caf.Value;
        }
        else
        {
            by.Siret = actor.Siret!.Value.Value;
        }

        return new RequestContext { RequestId = act.Context.RequestId.ToString(), Actor = by };
    }

    private static Consultation Opened(RecordConsultation r, Details details, int file) =>
        new()
        {
            Consultation_ = r.Consultation.ToString(),
            Allocataire = File(file),
            Siret = r.Use.Siret.Value,
            Agent = r.Use.Agent.Value,
            Habilitation = r.Use.Claimed?.Value ?? string.Empty,
            Service = r.Use.Service.Value,
            Profil = r.Use.Profil.Value,
            Purpose = r.Use.Purpose.Value,
            BusinessFile = details.BusinessFile ?? string.Empty,
            Session = details.Session ?? string.Empty,
            Channel = details.Channel ?? string.Empty,
            Address = details.Address ?? string.Empty,
            OccurredAt = r.Use.At.ToTimestamp(),
        };

    private static Allocataire File(int number) =>
        number >= 0
            ? new() { Caf = HistoryGenerator.Caf.Value, Matricule = $"{1_000_000 + number}" }
            : new() { Caf = "591", Matricule = $"{5_000_000 - number}" };

    private static string Day(DateOnly day) =>
        day.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
}
