using Ledger.Domain.Common;
using Ledger.Domain.Knowing;

namespace Ledger.Domain.Control;

/// <summary>Another key signs the ledger's checkpoints: both keys sign that it does.</summary>
/// <param name="Succession">What both signed, a note: see the entry format.</param>
/// <param name="Why">The reason.</param>
/// <param name="Caf">The Caf that decided it.</param>
/// <param name="At">When it was recorded.</param>
[EventName("signing-key-rotated.v1")]
public sealed record SigningKeyRotated(string Succession, string Why, CafCode Caf, DateTimeOffset At) : JournalEvent
{
    /// <inheritdoc/>
    public override string Stream() => "ledger";
}

/// <summary>The operator of the ledger has a key take over, in the name of its Caf.</summary>
/// <param name="Succession">What both keys signed.</param>
/// <param name="Why">The reason.</param>
public sealed record RecordKeyRotation(string Succession, string Why) : ICommand
{
    /// <inheritdoc/>
    public bool ChangesKnowledge => false;

    /// <inheritdoc/>
    public IReadOnlyList<LedgerEvent> Decide(Knowledge known, EventContext context, DateTimeOffset now) =>
        context.Actor.Caf is { } caf
            ? [new SigningKeyRotated(Succession, Why, caf, now)]
            : throw new RefusedException("caf-rotates-the-key", "7", "Only a Caf has a ledger's key rotated.");
}
