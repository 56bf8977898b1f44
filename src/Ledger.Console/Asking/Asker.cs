using Caf.Ledger.V1;
using Google.Protobuf;
using Grpc.Core;
using Ledger.Answers;
using Ledger.Client;
using Ledger.Pages.Access;
using Microsoft.AspNetCore.Http;

namespace Ledger.Pages.Asking;

/// <summary>Asks the ledger in the name of whoever is signed in. Every question is recorded before it is answered.</summary>
internal sealed class Asker(LedgerClient client, Sessions sessions, IHttpContextAccessor http, TimeProvider time)
{
    private const int PageSize = 1000;
    private const int MostConsultations = 10_000;

    /// <summary>
    /// Ends no question: one that was recorded is answered and kept, though its reader has gone, so that she who comes
    /// back asks no other.
    /// </summary>
    public static CancellationToken Whatever => CancellationToken.None;

    /// <summary>The beginning of a case's name among what a session was answered.</summary>
    public const string CaseName = "affaire?";

    /// <summary>The ledger.</summary>
    public LedgerClient Ledger => client;

    /// <summary>Who is signed in.</summary>
    public Session Session =>
        sessions.Of(http.HttpContext!) ?? throw new InvalidOperationException("Nobody is signed in.");

    /// <summary>The request id of a form: sent twice, it is one request.</summary>
    public string NewRequest() => Guid.CreateVersion7(time.GetUtcNow()).ToString();

    /// <summary>What a request that records something carries.</summary>
    /// <param name="request">The request id that its form had; null for a new one.</param>
    public RequestContext Context(string? request = null) =>
        new()
        {
            RequestId = Guid.TryParse(request, out var given) ? given.ToString() : NewRequest(),
            Actor = new Actor
            {
                Id = Session.Person,
                Kind = ActorKind.Human,
                Caf = Session.Caf,
            },
        };

    /// <summary>A new question, which rests on the case that she works in unless it names another or none.</summary>
    public Caf.Ledger.V1.Asking Asking(string? request = null, long? known = null)
    {
        var inCase = request ?? Session.Case;
        if (inCase.Length > 0)
        {
            // What is asked in a case is part of its story.
            Session.Answers.Forget($"{CaseName}{inCase}&");
        }

        return new()
        {
            Context = Context(),
            TraceRequest = inCase,
            KnownAt = known is { } position ? new KnownAt { Position = position } : null,
        };
    }

    /// <summary>Now.</summary>
    public DateTimeOffset Now => time.GetUtcNow();

    /// <summary>What was answered under a name, or a new answer.</summary>
    public Task<T> OnceAsync<T>(string name, Func<Task<T>> ask, CancellationToken cancel)
        where T : class =>
        InTurnAsync(
            async () =>
            {
                if (Session.Answers.Of<T>(name) is { } given)
                {
                    return given;
                }

                var answer = await ask();
                Session.Answers.Keep(name, answer);
                return answer;
            },
            cancel
        );

    /// <summary>The whole answer to a question, as it was given under a name, or a new one.</summary>
    /// <param name="name">What is asked, with what makes it another question.</param>
    /// <param name="request">The question.</param>
    /// <param name="ask">How it is asked.</param>
    /// <param name="cancel">Ends with the call.</param>
    /// <param name="inCase">Which case it rests on; null for the one that she works in.</param>
    public Task<Told<TResponse>> WholeOnceAsync<TRequest, TResponse>(
        string name,
        TRequest request,
        Func<
            AccessHistoryService.AccessHistoryServiceClient,
            TRequest,
            CancellationToken,
            AsyncUnaryCall<TResponse>
        > ask,
        CancellationToken cancel,
        string? inCase = null
    )
        where TRequest : class, IMessage
        where TResponse : class, IMessage<TResponse> =>
        OnceAsync($"{name}&{inCase ?? Session.Case}", () => WholeAsync(request, ask, Whatever, inCase), cancel);

    /// <summary>The whole answer to a question, page by page, up to so many rows that a table is of use.</summary>
    /// <param name="request">The question.</param>
    /// <param name="ask">How it is asked.</param>
    /// <param name="cancel">Ends with the call.</param>
    /// <param name="inCase">Which case it rests on; null for the one that she works in.</param>
    public async Task<Told<TResponse>> WholeAsync<TRequest, TResponse>(
        TRequest request,
        Func<
            AccessHistoryService.AccessHistoryServiceClient,
            TRequest,
            CancellationToken,
            AsyncUnaryCall<TResponse>
        > ask,
        CancellationToken cancel,
        string? inCase = null
    )
        where TRequest : class, IMessage
        where TResponse : class, IMessage<TResponse>
    {
        var fields = request.Descriptor;
        var answer = await PageAsync(string.Empty);
        var token = Paged.NextOf(answer);
        for (var pages = 1; token is { Length: > 0 } && pages < MostConsultations / PageSize; pages++)
        {
            var next = await PageAsync(token);
            Paged.ClearNext(answer);
            answer.MergeFrom(next);
            token = Paged.NextOf(answer);
        }

        return new Told<TResponse>(answer, Now, token is not { Length: > 0 });

        async Task<TResponse> PageAsync(string place)
        {
            // A page shows more, and has a request id of its own.
            fields.FindFieldByName("asking").Accessor.SetValue(request, Asking(inCase));
            fields.FindFieldByName("paging")?.Accessor.SetValue(request, new Paging { Size = PageSize, Token = place });
            return await ask(client.History, request, cancel);
        }
    }

    /// <summary>A file of the Caf of whoever asks.</summary>
    public Allocataire Allocataire(OpenedFile file) => new() { Caf = Session.Caf, Matricule = file.Matricule };

    /// <summary>Who could and who did on a file: as it was answered, or as a new question.</summary>
    /// <param name="handle">Which file of the session.</param>
    /// <param name="cancel">Ends with the call.</param>
    /// <param name="file">The file.</param>
    /// <param name="known">With what was known up to this position; null for everything.</param>
    public Task<FileAnswer> FileAsync(string handle, OpenedFile file, long? known, CancellationToken cancel) =>
        // Back, or the page loaded again, is the answer that was given.
        InTurnAsync(
            async () =>
                (known is { } at ? Session.Answers.Of<FileAnswer>(NameOf(handle, at)) : LatestOf(handle))
                ?? await AskAsync(handle, file, known, Whatever),
            cancel
        );

    /// <summary>The answer with the most knowledge that was given on a file; null for none.</summary>
    public FileAnswer? LatestOf(string handle) =>
        Session.Answers.Under<FileAnswer>(NameOf(handle)).MaxBy(answer => answer.Known);

    private static string NameOf(string handle, long? known = null) => $"dossier?{handle}&{known}";

    // Whoever asks twice at once is answered once.
    private async Task<T> InTurnAsync<T>(Func<Task<T>> answer, CancellationToken cancel)
    {
        await Session.Turn.WaitAsync(cancel);
        try
        {
            return await answer();
        }
        finally
        {
            Session.Turn.Release();
        }
    }

    private async Task<FileAnswer> AskAsync(string handle, OpenedFile file, long? known, CancellationToken cancel)
    {
        var request = new GetFileHistoryRequest
        {
            Asking = Asking(file.Case, known),
            Allocataire = Allocataire(file),
            Paging = new Paging { Size = PageSize },
        };
        var first = await client.History.GetFileHistoryAsync(request, cancellationToken: cancel);
        var used = first.Consultations.ToList();
        var next = first.NextPageToken;
        while (next.Length > 0 && used.Count < MostConsultations)
        {
            // A page shows more, and has a request id of its own.
            request.Asking.Context = Context();
            request.Paging = new Paging { Size = PageSize, Token = next };
            var page = await client.History.GetFileHistoryAsync(request, cancellationToken: cancel);
            used.AddRange(page.Consultations);
            next = page.NextPageToken;
        }

        var answer = new FileAnswer(
            first.Basis.KnownPosition,
            first.Rights,
            first.MoreRights,
            used,
            first.Acts,
            first.ForgottenMonths,
            first.Basis.FileErased,
            next.Length > 0
        );
        Session.Answers.Keep(NameOf(handle, answer.Known), answer);
        return answer;
    }
}
