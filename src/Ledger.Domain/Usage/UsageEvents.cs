using Ledger.Domain.Common;
using Ledger.Domain.Knowing;
using Ledger.Domain.Pseudonyms;

namespace Ledger.Domain.Usage;

/// <summary>Who used what, from where, when: what every fact of use says.</summary>
/// <param name="Caf">Of which Caf.</param>
/// <param name="Siret">At which partner.</param>
/// <param name="Agent">Which human.</param>
/// <param name="Service">Through which service; null before one is chosen.</param>
/// <param name="Sealed">What else is said: it expires with the month.</param>
/// <param name="OccurredAt">When.</param>
public sealed record UsageOf(
    CafCode Caf,
    Siret Siret,
    AgentId Agent,
    ServiceCode? Service,
    SealedDetails? Sealed,
    DateTimeOffset OccurredAt
);

/// <summary>A fact of use other than a consultation.</summary>
/// <param name="Usage">Who, what, when.</param>
public abstract record UsageEvent(UsageOf Usage) : JournalEvent
{
    /// <inheritdoc/>
    public override string Stream() => Journal("usage", Usage.Caf.Value, Usage.OccurredAt);
}

/// <summary>An agent proved who she is.</summary>
/// <param name="Usage">Who, when.</param>
[EventName("authentication-succeeded.v1")]
public sealed record AuthenticationSucceeded(UsageOf Usage) : UsageEvent(Usage);

/// <summary>Somebody failed to prove to be an agent.</summary>
/// <param name="Usage">Who, when.</param>
/// <param name="Why">The reason.</param>
[EventName("authentication-failed.v1")]
public sealed record AuthenticationFailed(UsageOf Usage, string Why) : UsageEvent(Usage);

/// <summary>An agent looked for allocataires. Never what was typed, only by which kinds of criteria.</summary>
/// <param name="Usage">Who, when.</param>
/// <param name="Criteria">The kinds of criteria.</param>
/// <param name="Results">How many were found.</param>
[EventName("search-performed.v1")]
public sealed record SearchPerformed(UsageOf Usage, IReadOnlyList<string> Criteria, int Results) : UsageEvent(Usage);

/// <summary>The portal refused to open a file.</summary>
/// <param name="Usage">Who, when.</param>
/// <param name="File">Whose file: its pseudonym of the month.</param>
/// <param name="Why">The reason.</param>
[EventName("consultation-refused.v1")]
public sealed record ConsultationRefused(UsageOf Usage, string File, string Why) : UsageEvent(Usage);

/// <summary>An agent took data out of the portal.</summary>
/// <param name="Usage">Who, when.</param>
/// <param name="File">Whose: its pseudonym of the month.</param>
/// <param name="Categories">Which data.</param>
[EventName("data-exported.v1")]
public sealed record DataExported(UsageOf Usage, string File, IReadOnlyList<string> Categories) : UsageEvent(Usage);

/// <summary>The partner fed a service of the portal: art. 10.2.</summary>
/// <param name="Usage">Who, when.</param>
/// <param name="File">Whose: its pseudonym of the month.</param>
/// <param name="Categories">Which data.</param>
[EventName("data-supplied.v1")]
public sealed record DataSupplied(UsageOf Usage, string File, IReadOnlyList<string> Categories) : UsageEvent(Usage);

/// <summary>A fact of use is recorded, whatever else is known: art. 7.</summary>
/// <param name="Event">What happened.</param>
public sealed record RecordUsage(UsageEvent Event) : ICommand
{
    /// <inheritdoc/>
    public bool ChangesKnowledge => false;

    /// <inheritdoc/>
    public IReadOnlyList<LedgerEvent> Decide(Knowledge known, EventContext context, DateTimeOffset now)
    {
        var at = InvalidFieldException.Naming(
            "occurred_at",
            () => LegalTime.Past(Event.Usage.OccurredAt, now, "A use")
        );
        return [Event with { Usage = Event.Usage with { OccurredAt = at } }];
    }
}
