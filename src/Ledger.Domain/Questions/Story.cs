using Ledger.Domain.Anomalies;
using Ledger.Domain.Common;
using Ledger.Domain.Consultations;
using Ledger.Domain.Control;
using Ledger.Domain.Dossiers;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Partenariats;
using Ledger.Domain.Procedures;
using Ledger.Domain.Retention;
using Ledger.Domain.Usage;

namespace Ledger.Domain.Questions;

/// <summary>
/// Says an event in a plain sentence. No clear identifier of an allocataire is in any event, so none is in any
/// sentence.
/// </summary>
public static class Story
{
    /// <summary>The sentence.</summary>
    public static string Sentence(LedgerEvent @event) =>
        @event switch
        {
            ConventionSigned e =>
                $"Convention {e.Number} signed between the Caf {e.Caf} and {e.Siret}, {Mode(e.Mode)}.",
            CnilFormalityRecorded e => $"CNIL formality of the {e.Party} ended on {e.On:yyyy-MM-dd}: {e.Outcome}.",
            ServiceContractSigned e => $"Contrat de service version {e.Version} signed on {e.On:yyyy-MM-dd}.",
            EnrolmentSigned e => $"Enrolled for {e.Service} in {string.Join(", ", e.Profils)} from {e.On:yyyy-MM-dd}.",
            ServiceOpened e => $"{e.Service} opened from {e.From:yyyy-MM-dd}.",
            ServiceClosed e => $"{e.Service} closed from {e.From:yyyy-MM-dd}: {e.Why}.",
            ConventionAmended e => $"Avenant {e.Number} in effect on {e.From:yyyy-MM-dd}: {e.Text}.",
            HabilitationModeChanged e => $"Access rights managed in {Mode(e.Mode)} from {e.From:yyyy-MM-dd}: {e.Why}.",
            ConventionTerminated e => $"Convention ended from {e.From:yyyy-MM-dd}: {e.Why}.",
            GestionnaireDesignated e => $"{e.Agent} designated gestionnaire ({e.Rank}) from {e.From:yyyy-MM-dd}.",
            GestionnaireRevoked e => $"{e.Agent} no longer gestionnaire from "
                + $"{e.From:yyyy-MM-dd}{(e.LeavesNone ? "; none is left" : string.Empty)}.",
            AgentAttached e => $"{e.Agent} works for the partner from {e.From:yyyy-MM-dd}: {e.Function}.",
            AgentFunctionChanged e =>
                $"{e.Agent} does something else from {e.From:yyyy-MM-dd}: {e.Function}; signalled on "
                    + $"{e.SignalledOn:yyyy-MM-dd}.",
            AgentDeparted e => $"{e.Agent} left on {e.LeftOn:yyyy-MM-dd}; signalled on {e.SignalledOn:yyyy-MM-dd}.",
            CredentialsIssued e => $"Credentials {e.Reference} handed to {e.Agent} on {e.On:yyyy-MM-dd}.",
            AutomatonDeclared e =>
                $"Programme {e.Programme} uses the credentials of {e.Bearer} from {e.From:yyyy-MM-dd}.",
            HabilitationRequested e => $"{e.Service} in {e.Profil} asked for {e.Agent}: {e.Why}.",
            HabilitationRefused e => $"The right '{e.Habilitation}' that was asked for was refused: {e.Why}.",
            HabilitationGranted e => $"{e.Agent} given {e.Service} in {e.Profil} from "
                + $"{e.From:yyyy-MM-dd}{(e.Until is { } u ? $" to {u:yyyy-MM-dd}" : string.Empty)}: {e.Why}.",
            HabilitationModified e => $"'{e.Habilitation}' changed: {e.Why}.",
            HabilitationSuspended e => $"'{e.Habilitation}' suspended: {e.Why}.",
            SuspensionLifted e => $"'{e.Habilitation}' no longer suspended: {e.Why}.",
            HabilitationRevoked e => $"'{e.Habilitation}' revoked: {e.Why}.",
            HabilitationInvalidated e => $"'{e.Habilitation}' invalidated by the Caf: {e.Why}.",
            HabilitationReviewed e => $"'{e.Habilitation}' reviewed: {e.Outcome}.",
            ConsultationRecorded e => $"{e.Agent} opened a file through {e.Service} in {e.Profil} for {e.Purpose}: "
                + $"{(e.Verdict.Authorised ? "authorised" : "irregular")}.",
            AuthenticationSucceeded e => $"{e.Usage.Agent} authenticated.",
            AuthenticationFailed e => $"{e.Usage.Agent} failed to authenticate: {e.Why}.",
            SearchPerformed e => $"{e.Usage.Agent} searched by {string.Join(", ", e.Criteria)}: {e.Results} found.",
            ConsultationRefused e => $"{e.Usage.Agent} was refused a file: {e.Why}.",
            DataExported e => $"{e.Usage.Agent} exported {string.Join(", ", e.Categories)}.",
            DataSupplied e => $"{e.Usage.Agent} supplied {string.Join(", ", e.Categories)}.",
            DossierAttached e => $"A file attached to the commune {e.Commune} from {e.From:yyyy-MM-dd}.",
            DossierTransferred e => $"A file moved from the Caf {e.FromCaf} to the Caf {e.ToCaf} on {e.On:yyyy-MM-dd}.",
            RectificationMade e => $"The event at position {e.Of} counts for nothing: {e.Why}.",
            ConsultationRectified e => $"The consultation at position {e.Of} counts for nothing: {e.Why}.",
            TracesConsulted e => $"The traces were read: {e.Question}.",
            AnomalyDetected e => $"Alert {e.Rule}: {e.Why}",
            AnomalyQualified e => $"The alert '{e.Alert}' was qualified: {e.Outcome}. {e.Why}",
            EvidenceIssued e => $"Evidence was handed out, as known at position {e.KnownAt}.",
            LedgerRestored e => $"The ledger goes on from a restored copy at position {e.From}: {e.Why}",
            FileErased e => $"A file was erased by the decision {e.Decision}: {e.Why}.",
            SigningKeyRotated e => $"Another key signs the ledger's checkpoints: {e.Why}.",
            CatalogueVersionPublished e => $"Catalogue {e.Version} in force from {e.From:yyyy-MM-dd}.",
            ProcedureEvent e => $"{ProcedureTable.NameOf(e)} ({e.Step.By}, {e.Step.On:yyyy-MM-dd}): {e.Step.Text}",
            _ => throw new ArgumentException("No sentence is written for this kind of event.", nameof(@event)),
        };

    private static string Mode(HabilitationMode mode) =>
        mode == HabilitationMode.Delegue ? "délégué mode" : "centralisé mode";
}
