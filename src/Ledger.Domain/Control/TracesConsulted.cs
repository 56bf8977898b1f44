using Ledger.Domain.Common;
using Ledger.Domain.Knowing;
using Ledger.Domain.Procedures;

namespace Ledger.Domain.Control;

/// <summary>Somebody read the audit trail: recorded before the answer is given (art. 7).</summary>
/// <param name="Question">The question's name, such as <c>who-could-access</c>.</param>
/// <param name="Of">What was asked, without any clear identifier of an allocataire.</param>
/// <param name="TraceRequest">The case that it rests on, if there is one: a request for traces or a control.</param>
/// <param name="Dossier">The pseudonym of the file that was asked about, if one was.</param>
/// <param name="KnownAt">The position up to which the ledger was to know: the basis of the answer, also when it is
/// asked again.</param>
/// <param name="Caf">The Caf of whoever asks.</param>
/// <param name="At">When.</param>
[EventName("traces-consulted.v1")]
public sealed record TracesConsulted(
    string Question,
    string Of,
    ProcedureId? TraceRequest,
    string? Dossier,
    long KnownAt,
    CafCode Caf,
    DateTimeOffset At
) : JournalEvent
{
    /// <inheritdoc/>
    public override string Stream() => Journal("traces", Caf.Value, At);
}

/// <summary>An investigator of a Caf asks a question.</summary>
/// <param name="Question">Its name.</param>
/// <param name="Of">What is asked.</param>
/// <param name="TraceRequest">The request for traces that it rests on.</param>
/// <param name="Dossier">The file that is asked about.</param>
/// <param name="KnownAt">The position up to which the ledger may know.</param>
/// <param name="NeedsCase">Whether whoever asks has to name an open case.</param>
public sealed record ConsultTraces(
    string Question,
    string Of,
    ProcedureId? TraceRequest,
    string? Dossier,
    long KnownAt,
    bool NeedsCase = false
) : ICommand
{
    /// <inheritdoc/>
    public bool ChangesKnowledge => false;

    /// <inheritdoc/>
    public IReadOnlyList<LedgerEvent> Decide(Knowledge known, EventContext context, DateTimeOffset now)
    {
        if (context.Actor.Caf is not { } caf)
        {
            throw new RefusedException(
                "caf-reads-the-traces",
                "7",
                "The traces are read by the Caf; others ask the Caf for them."
            );
        }

        if (TraceRequest is { } request)
        {
            Cases.RequireOpen(known, request, caf, now);
        }
        else if (NeedsCase)
        {
            throw new RefusedException(
                "case-required",
                "7",
                "An investigator's question names the case that it rests on: an open request for traces, or a control "
                    + "that the Caf has opened."
            );
        }

        return [new TracesConsulted(Question, Of, TraceRequest, Dossier, KnownAt, caf, now)];
    }
}
