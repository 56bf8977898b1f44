using System.CommandLine;
using Caf.Ledger.V1;
using Google.Protobuf;
using Grpc.Core;
using Ledger.Service.Hosting;
using Spectre.Console;

namespace Ledger.Cli.Commands;

/// <summary>
/// What every question has in common: who asks, on which knowledge, all its pages, and how the answer is printed.
/// </summary>
internal static class Question
{
    /// <summary>A command that asks one question and prints its whole answer.</summary>
    public static Command Create<TRequest, TResponse>(
        string name,
        string description,
        IReadOnlyList<Option> options,
        Func<ParseResult, TRequest> request,
        Func<
            AccessHistoryService.AccessHistoryServiceClient,
            TRequest,
            CancellationToken,
            AsyncUnaryCall<TResponse>
        > ask,
        Func<TResponse, Table> table
    )
        where TRequest : class, IMessage
        where TResponse : class, IMessage<TResponse>
    {
        var (common, asker) = (new CommonOptions(), new AskerOptions());
        var command = new Command(name, description);
        foreach (var option in options)
        {
            command.Options.Add(option);
        }

        common.AddTo(command, withKnownAt: true);
        asker.AddTo(command);
        command.SetAction(
            async (parse, cancel) =>
            {
                using var client = common.Connect(parse);
                var asked = request(parse);
                var answer = await PageAsync(string.Empty);
                while (NextOf(answer) is { Length: > 0 } next)
                {
                    ClearNext(answer);
                    answer.MergeFrom(await PageAsync(next));
                }

                common.Print(parse, answer, () => table(answer));
                return ExitCode.Done;

                async Task<TResponse> PageAsync(string token)
                {
                    // Each page is a question of its own, with a request id of its own.
                    asked
                        .Descriptor.FindFieldByName("asking")
                        .Accessor.SetValue(asked, asker.Asking(parse, common.Known(parse)));
                    asked
                        .Descriptor.FindFieldByName("paging")
                        ?.Accessor.SetValue(asked, new Paging { Size = 1000, Token = token });
                    return await ask(client.History, asked, cancel);
                }
            }
        );
        return command;
    }

    private static string? NextOf(IMessage answer) =>
        answer.Descriptor.FindFieldByName("next_page_token")?.Accessor.GetValue(answer) as string;

    private static void ClearNext(IMessage answer) =>
        answer.Descriptor.FindFieldByName("next_page_token").Accessor.Clear(answer);
}

/// <summary>Who asks: somebody of a Caf, named on the command line or in LEDGER_AS.</summary>
internal sealed class AskerOptions
{
    private readonly Option<string?> _as = new("--as")
    {
        Description =
            "Who asks: CAF/IDENTIFIER, such as 763/investigator-1. Default: the variable LEDGER_AS. The question "
            + "is recorded under it.",
    };

    private readonly Option<string> _traceRequest = new("--trace-request")
    {
        Description = "The request for traces that the question rests on.",
        DefaultValueFactory = _ => string.Empty,
    };

    public void AddTo(Command command)
    {
        command.Options.Add(_as);
        command.Options.Add(_traceRequest);
    }

    public Asking Asking(ParseResult parse, KnownAt? known)
    {
        var who = (parse.GetValue(_as) ?? Environment.GetEnvironmentVariable("LEDGER_AS") ?? string.Empty).Split('/');
        if (who is not [{ Length: 3 }, { Length: > 0 }])
        {
            throw new SetupException(
                "--as CAF/IDENTIFIANT, ou la variable LEDGER_AS, dit qui pose la question : elle est enregistrée. "
                    + "(--as CAF/IDENTIFIER, or LEDGER_AS, says who asks: the question is recorded.)"
            );
        }

        return new()
        {
            Context = new RequestContext
            {
                RequestId = Guid.CreateVersion7().ToString(),
                Actor = new Actor
                {
                    Id = who[1],
                    Kind = ActorKind.Human,
                    Caf = who[0],
                },
            },
            TraceRequest = parse.GetValue(_traceRequest),
            KnownAt = known,
        };
    }
}
