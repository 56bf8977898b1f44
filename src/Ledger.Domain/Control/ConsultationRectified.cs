using Ledger.Domain.Common;
using Ledger.Domain.Consultations;
using Ledger.Domain.Knowing;
using Ledger.Domain.Pseudonyms;

namespace Ledger.Domain.Control;

/// <summary>
/// A consultation was not what was recorded: it was another agent, or it never took place. It stays in the log with
/// this beside it, and counts for nothing from this position on.
/// </summary>
/// <param name="Of">The position of the consultation.</param>
/// <param name="Siret">At which partner.</param>
/// <param name="Agent">Whose it was said to be.</param>
/// <param name="File">Whose file: its pseudonym of the month.</param>
/// <param name="OccurredAt">When it was said to have taken place.</param>
/// <param name="Why">The reason.</param>
/// <param name="Caf">The Caf that rectifies.</param>
/// <param name="At">When it was decided.</param>
[EventName("consultation-rectified.v1")]
public sealed record ConsultationRectified(
    long Of,
    Siret Siret,
    AgentId Agent,
    string File,
    DateTimeOffset OccurredAt,
    string Why,
    CafCode Caf,
    DateTimeOffset At
) : JournalEvent
{
    /// <inheritdoc/>
    public override bool IsKnowledge => true;

    /// <summary>Whose file.</summary>
    public Pseudonym Allocataire => Pseudonym.In(OccurredAt, File);

    /// <inheritdoc/>
    public override string Stream() => Journal("rectifications", Caf.Value, At);
}

/// <summary>A Caf rectifies a consultation.</summary>
/// <param name="Consultation">The consultation, as it is recorded.</param>
/// <param name="Why">The reason.</param>
public sealed record RectifyConsultation(Fact Consultation, string Why) : ICommand
{
    /// <inheritdoc/>
    public IReadOnlyList<LedgerEvent> Decide(Knowledge known, EventContext context, DateTimeOffset now)
    {
        var c = (ConsultationRecorded)Consultation.Event;
        var caf = Rectify.RequireCaf(context);
        Rectify.RequireOnce(known, Consultation.Position);
        if (caf != Consultation.Context.Actor.Caf && caf != c.Caf && caf != CafOf(c, known))
        {
            throw Rectify.OfAnotherCaf();
        }

        return
        [
            new ConsultationRectified(Consultation.Position, c.Siret, c.Agent, c.File, c.OccurredAt, Why, caf, now),
        ];
    }

    private static CafCode? CafOf(ConsultationRecorded c, Knowledge known) =>
        c.Verdict.Habilitation is { } id && known.TryFind(id, out var habilitation)
            ? known.Require(habilitation.Granted.Convention).Convention.Caf
            : null;
}
