using System.Globalization;
using Ledger.Domain.Common;
using Ledger.Domain.Consultations;
using Ledger.Domain.Pseudonyms;
using Ledger.Domain.Usage;

namespace Ledger.Domain.ReadModels;

/// <summary>The kinds of facts of use, as the index numbers them.</summary>
public enum UsageKind : short
{
    /// <summary>A file was opened.</summary>
    Consultation,

    /// <summary>An agent authenticated.</summary>
    Authentication,

    /// <summary>Somebody failed to.</summary>
    FailedAuthentication,

    /// <summary>A search.</summary>
    Search,

    /// <summary>The portal refused to open a file.</summary>
    Refusal,

    /// <summary>Data were taken out.</summary>
    Export,

    /// <summary>Data were brought in.</summary>
    Supply,
}

/// <summary>
/// The row of a fact of use in the index <c>usage</c>: who used what, when and from where. <c>Allocataire</c> is the
/// pseudonym of the month and <c>Address</c> enciphered under the month's key, both in base64url.
/// </summary>
public readonly record struct UsageRow(
    long Position,
    UsageKind Kind,
    DateTime At,
    string Caf,
    string Siret,
    string Agent,
    int? Epoch,
    string? Allocataire,
    string? Service,
    string? Habilitation,
    string? Address,
    bool HasFile,
    bool Authorised
)
{
    /// <summary>The month of a pseudonym's key as a number: 202603 for March 2026.</summary>
    public static int EpochOf(Pseudonym pseudonym) =>
        int.Parse(pseudonym.Epoch.AsSpan(0, 4), CultureInfo.InvariantCulture) * 100
        + int.Parse(pseudonym.Epoch.AsSpan(5, 2), CultureInfo.InvariantCulture);

    /// <summary>Whether an event is a fact of use.</summary>
    public static bool Takes(LedgerEvent @event) => @event is ConsultationRecorded or UsageEvent;

    /// <summary>The row of a fact of use.</summary>
    /// <exception cref="ArgumentException">The event is none.</exception>
    public static UsageRow Of(long position, LedgerEvent @event) =>
        @event switch
        {
            ConsultationRecorded c => new(
                position,
                UsageKind.Consultation,
                c.OccurredAt.UtcDateTime,
                c.Caf.Value,
                c.Siret.Value,
                c.Agent.Value,
                EpochOf(c.Allocataire),
                c.File,
                c.Service.Value,
                c.Verdict.Habilitation?.Value,
                c.Sealed?.Address,
                c.HasBusinessFile,
                c.Verdict.Authorised
            ),
            AuthenticationSucceeded e => Of(position, UsageKind.Authentication, e.Usage, null),
            AuthenticationFailed e => Of(position, UsageKind.FailedAuthentication, e.Usage, null),
            SearchPerformed e => Of(position, UsageKind.Search, e.Usage, null),
            ConsultationRefused e => Of(position, UsageKind.Refusal, e.Usage, e.File),
            DataExported e => Of(position, UsageKind.Export, e.Usage, e.File),
            DataSupplied e => Of(position, UsageKind.Supply, e.Usage, e.File),
            _ => throw new ArgumentException("Not a fact of use.", nameof(@event)),
        };

    private static UsageRow Of(long position, UsageKind kind, UsageOf u, string? file) =>
        new(
            position,
            kind,
            u.OccurredAt.UtcDateTime,
            u.Caf.Value,
            u.Siret.Value,
            u.Agent.Value,
            file is null ? null : EpochOf(Pseudonym.In(u.OccurredAt, file)),
            file,
            u.Service?.Value,
            null,
            u.Sealed?.Address,
            HasFile: true,
            Authorised: true
        );
}
