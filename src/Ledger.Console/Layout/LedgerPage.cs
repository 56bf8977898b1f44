using Grpc.Core;
using Ledger.Pages.Asking;
using Ledger.Presentation;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace Ledger.Pages.Layout;

/// <summary>A page that asks the ledger, and says so where it is refused or not answered.</summary>
public abstract class LedgerPage : ComponentBase
{
    [Inject]
    internal Asker Ask { get; set; } = null!;

    [Inject]
    internal Words Say { get; set; } = null!;

    [Inject]
    internal IHttpContextAccessor Http { get; set; } = null!;

    /// <summary>Why there is no answer; null where there is one.</summary>
    protected RpcException? Failure { get; private set; }

    /// <summary>Ends with the call of whoever reads.</summary>
    protected CancellationToken Cancel => Http.HttpContext!.RequestAborted;

    /// <summary>How often the same question was asked: each time is a question of its own.</summary>
    protected int Times => QuestionActions.TimesIn(Http.HttpContext!.Request);

    /// <summary>Asks what the page shows.</summary>
    protected abstract Task LoadAsync();

    /// <summary>
    /// Says with a status that the page is not what was asked for; what it says stands. Not 404: the framework leaves
    /// the page of that out.
    /// </summary>
    protected void Answer(int status)
    {
        if (Http.HttpContext!.Features.Get<IStatusCodePagesFeature>() is { } pages)
        {
            pages.Enabled = false;
        }

        Http.HttpContext.Response.StatusCode = status;
    }

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync()
    {
        try
        {
            await LoadAsync();
        }
        catch (RpcException e)
        {
            Failure = e;
            Answer(e.StatusCode == StatusCode.NotFound ? StatusCodes.Status410Gone : Refusals.StatusOf(e));
        }
    }
}
