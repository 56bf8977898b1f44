using Ledger.Domain.Common;
using Ledger.Domain.Knowing;

namespace Ledger.Domain.Control;

/// <summary>
/// Evidence was handed out (art. 7): the log commits to what it says, so that nobody who carries it can say something
/// else, or leave out what speaks against it.
/// </summary>
/// <param name="Digest">SHA-256 of the statement that the evidence makes, in base64.</param>
/// <param name="Page">SHA-256 of the statement's salt and of the page as it is shown, in base64.</param>
/// <param name="KnownAt">The position up to which the ledger was to know.</param>
/// <param name="Caf">The Caf of whoever asked.</param>
/// <param name="At">When.</param>
[EventName("evidence-issued.v1")]
public sealed record EvidenceIssued(string Digest, string Page, long KnownAt, CafCode Caf, DateTimeOffset At)
    : JournalEvent
{
    /// <inheritdoc/>
    public override string Stream() => Journal("traces", Caf.Value, At);
}

/// <summary>The ledger hands out evidence to an investigator of a Caf, who has asked for it.</summary>
/// <param name="Digest">SHA-256 of its statement, in base64.</param>
/// <param name="Page">SHA-256 of the statement's salt and of its page, in base64.</param>
/// <param name="KnownAt">The position up to which the ledger was to know.</param>
public sealed record IssueEvidence(string Digest, string Page, long KnownAt) : ICommand
{
    /// <inheritdoc/>
    public bool ChangesKnowledge => false;

    /// <inheritdoc/>
    public IReadOnlyList<LedgerEvent> Decide(Knowledge known, EventContext context, DateTimeOffset now) =>
        context.Actor.Caf is { } caf
            ? [new EvidenceIssued(Digest, Page, KnownAt, caf, now)]
            : throw new RefusedException(
                "caf-reads-the-traces",
                "7",
                "The traces are read by the Caf; others ask the Caf for them."
            );
}
