using Ledger.Domain.Common;
using Ledger.Domain.Knowing;

namespace Ledger.Domain.Control;

/// <summary>
/// The ledger goes on from a copy that does not continue what its key had signed: a backup was restored. What was
/// signed beyond it is lost here, and every verifier says so.
/// </summary>
/// <param name="From">The position from which it goes on.</param>
/// <param name="SignedSize">The size of the last checkpoint that the key had signed.</param>
/// <param name="Root">The root of that checkpoint, in base64.</param>
/// <param name="Why">The reason.</param>
/// <param name="Caf">The Caf that decided it.</param>
/// <param name="At">When.</param>
[EventName("ledger-restored.v1")]
public sealed record LedgerRestored(long From, long SignedSize, string Root, string Why, CafCode Caf, DateTimeOffset At)
    : JournalEvent
{
    /// <inheritdoc/>
    public override string Stream() => "ledger";
}

/// <summary>The operator of the ledger adopts a restored copy, in the name of its Caf.</summary>
/// <param name="From">The position from which it goes on.</param>
/// <param name="SignedSize">The size of the last checkpoint that the key had signed.</param>
/// <param name="Root">The root of that checkpoint, in base64.</param>
/// <param name="Why">The reason.</param>
public sealed record AdoptRestoredLedger(long From, long SignedSize, string Root, string Why) : ICommand
{
    /// <inheritdoc/>
    public bool ChangesKnowledge => false;

    /// <inheritdoc/>
    public IReadOnlyList<LedgerEvent> Decide(Knowledge known, EventContext context, DateTimeOffset now) =>
        context.Actor.Caf is { } caf
            ? [new LedgerRestored(From, SignedSize, Root, Why, caf, now)]
            : throw new RefusedException("caf-adopts-the-ledger", "7", "Only a Caf adopts a restored ledger.");
}
