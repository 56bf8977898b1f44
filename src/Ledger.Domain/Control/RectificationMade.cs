using Ledger.Domain.Common;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Knowing;
using Ledger.Domain.Partenariats;
using Ledger.Domain.Procedures;
using Ledger.Domain.Retention;

namespace Ledger.Domain.Control;

/// <summary>
/// An event should not have been recorded: from this position on it counts for nothing. It stays in the log; what
/// should have been recorded is a new event.
/// </summary>
/// <param name="Of">The event's position.</param>
/// <param name="Why">The reason.</param>
/// <param name="Caf">The Caf that rectifies.</param>
/// <param name="At">When it was decided.</param>
[EventName("rectification-made.v1")]
public sealed record RectificationMade(long Of, string Why, CafCode Caf, DateTimeOffset At) : JournalEvent
{
    /// <inheritdoc/>
    public override bool IsKnowledge => true;

    /// <inheritdoc/>
    public override string Stream() => Journal("rectifications", Caf.Value, At);
}

/// <summary>A Caf rectifies an event that bears on rights.</summary>
/// <param name="Of">The event's position.</param>
/// <param name="Why">The reason.</param>
public sealed record Rectify(long Of, string Why) : ICommand
{
    /// <inheritdoc/>
    public IReadOnlyList<LedgerEvent> Decide(Knowledge known, EventContext context, DateTimeOffset now)
    {
        var caf = RequireCaf(context);
        if (known.FactAt(Of) is not { } fact)
        {
            throw new UnknownException("of", $"No event that can be rectified is recorded at position {Of}.");
        }

        RequireOnce(known, Of);
        switch (fact.Event)
        {
            case ConventionSigned:
                throw new RefusedException(
                    "signature-stands",
                    "17.3",
                    "A signed convention is not rectified: it is amended or terminated."
                );
            case EpochKeyDestroyed or FileErased:
                throw new RefusedException(
                    "destruction-stands",
                    "7",
                    "A key that was destroyed does not come back: its destruction is not rectified."
                );
            case RectificationMade or ConsultationRectified:
                throw new RefusedException(
                    "rectification-stands",
                    "7",
                    "A rectification is not rectified: what holds is recorded anew."
                );
            default:
                break;
        }

        RequireOwner(known, fact, caf);
        return [new RectificationMade(Of, Why, caf, now)];
    }

    // The Caf that recorded it, or the Caf whose convention it is about.
    private static void RequireOwner(Knowledge known, Fact fact, CafCode caf)
    {
        ConventionId? convention = fact.Event switch
        {
            PartenariatEvent e => e.Convention,
            HabilitationEvent e => known.Require(e.Habilitation).Granted.Convention,
            ProcedureEvent e => e.Step.Convention,
            _ => null,
        };
        if (fact.Context.Actor.Caf != caf && (convention is not { } of || known.Require(of).Convention.Caf != caf))
        {
            throw OfAnotherCaf();
        }
    }

    /// <summary>The Caf that rectifies.</summary>
    /// <exception cref="RefusedException">It is none.</exception>
    internal static CafCode RequireCaf(EventContext context) =>
        context.Actor.Caf
        ?? throw new RefusedException("caf-rectifies", "7", "Only a Caf rectifies what was recorded.");

    /// <summary>Refuses a second rectification.</summary>
    internal static void RequireOnce(Knowledge known, long of)
    {
        if (known.RectifiedBy(of) is { } before)
        {
            throw new RefusedException(
                "rectified-once",
                "7",
                $"The event at position {of} was rectified at position {before}."
            );
        }
    }

    /// <summary>The refusal of a Caf that has nothing to do with it.</summary>
    internal static RefusedException OfAnotherCaf() =>
        new("caf-of-what-is-rectified", "7", "Only the Caf that recorded it, or whose convention it is, rectifies.");
}
