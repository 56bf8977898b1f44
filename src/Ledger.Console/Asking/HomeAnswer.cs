using Caf.Ledger.V1;

namespace Ledger.Pages.Asking;

/// <summary>What waits, and how the ledger stands: asked once for a session, unless it is asked again.</summary>
/// <param name="Alerts">The alerts to qualify.</param>
/// <param name="Deadlines">The terms that run.</param>
/// <param name="Cases">The cases that are not closed.</param>
/// <param name="Anchors">How the ledger is anchored.</param>
/// <param name="At">When.</param>
internal sealed record HomeAnswer(
    ListAlertsResponse Alerts,
    ListDeadlinesResponse Deadlines,
    ListCasesResponse Cases,
    GetAnchorsResponse Anchors,
    DateTimeOffset At
)
{
    /// <summary>The beginning of its name among what a session was answered.</summary>
    public const string Name = "accueil";

    // What waits is asked outside any case: one that is over keeps nobody from it.
    private const string NoCase = "";

    /// <summary>Asks.</summary>
    public static async Task<HomeAnswer> AskAsync(Asker ask, CancellationToken cancel)
    {
        var alerts = ask.Ledger.History.ListAlertsAsync(
            new ListAlertsRequest
            {
                Asking = ask.Asking(NoCase),
                Outcome = string.Empty,
                Paging = new Paging { Size = 1000 },
            },
            cancellationToken: cancel
        );
        var deadlines = ask.Ledger.History.ListDeadlinesAsync(
            new ListDeadlinesRequest { Asking = ask.Asking(NoCase) },
            cancellationToken: cancel
        );
        var cases = ask.Ledger.History.ListCasesAsync(
            new ListCasesRequest { Asking = ask.Asking(NoCase) },
            cancellationToken: cancel
        );
        var anchors = ask.Ledger.Integrity.GetAnchorsAsync(new GetAnchorsRequest(), cancellationToken: cancel);
        return new HomeAnswer(await alerts, await deadlines, await cases, await anchors, ask.Now);
    }
}
