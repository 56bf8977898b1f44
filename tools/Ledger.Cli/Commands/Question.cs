using System.CommandLine;
using Caf.Ledger.V1;
using Google.Protobuf;
using Grpc.Core;
using Ledger.Answers;
using Ledger.Presentation;
using Ledger.Service.Hosting;

namespace Ledger.Cli.Commands;

/// <summary>
/// What every question has in common: who asks, on which knowledge, which of its pages, and how the answer is printed.
/// </summary>
internal static class Question
{
    private const int Largest = 1000;

    /// <summary>A command that asks one question and prints its answer: all of it, unless a page is asked for.</summary>
    public static Command Create<TRequest, TResponse>(
        string name,
        IReadOnlyList<Option> options,
        Func<ParseResult, TRequest> request,
        Func<
            AccessHistoryService.AccessHistoryServiceClient,
            TRequest,
            CancellationToken,
            AsyncUnaryCall<TResponse>
        > ask,
        Func<TResponse, Sheet> sheet
    )
        where TRequest : class, IMessage, new()
        where TResponse : class, IMessage<TResponse>
    {
        var (common, asker, pages) = (new CommonOptions(), new AskerOptions(), new PageOptions());
        var command = new Command(name);
        foreach (var option in options)
        {
            command.Options.Add(option);
        }

        if (new TRequest().Descriptor.FindFieldByName("paging") is not null)
        {
            pages.AddTo(command);
        }

        common.AddTo(command, withKnownAt: true);
        asker.AddTo(command);
        command.SetAction(
            async (parse, cancel) =>
            {
                using var client = common.Connect(parse);
                var asked = request(parse);
                var (page, limit) = pages.Read(parse);
                var answer = await PageAsync(string.Empty);
                var turned = 1;
                for (; Paged.NextOf(answer) is { Length: > 0 } token && (page is null || turned < page); turned++)
                {
                    var next = await PageAsync(token);
                    if (page is null)
                    {
                        Paged.ClearNext(answer);
                        answer.MergeFrom(next);
                    }
                    else
                    {
                        answer = next;
                    }
                }

                if (turned < page)
                {
                    return ExitCode.Complain(Words.Spoken.Say("cli.no-such-page", ("count", turned)), ExitCode.Refused);
                }

                common.Print(parse, answer, () => sheet(answer));
                if (Paged.NextOf(answer) is { Length: > 0 })
                {
                    Console.Error.WriteLine(
                        "ledger: " + Words.Spoken.Say("cli.more", ("next", $"--page {(page ?? 1) + 1}"))
                    );
                }

                return ExitCode.Done;

                async Task<TResponse> PageAsync(string token)
                {
                    // Each page is a question of its own, with a request id of its own.
                    asked
                        .Descriptor.FindFieldByName("asking")
                        .Accessor.SetValue(asked, asker.Asking(parse, common.Known(parse)));
                    asked
                        .Descriptor.FindFieldByName("paging")
                        ?.Accessor.SetValue(asked, new Paging { Size = limit, Token = token });
                    return await ask(client.History, asked, cancel);
                }
            }
        );
        return command;
    }

    /// <summary>Which page, of how many rows.</summary>
    private sealed class PageOptions
    {
        private readonly Option<int?> _page = new("--page");
        private readonly Option<int?> _limit = new("--limit");

        public void AddTo(Command command)
        {
            command.Options.Add(_page);
            command.Options.Add(_limit);
            command.Validators.Add(result =>
            {
                if (result.GetValue(_page) < 1 || result.GetValue(_limit) is < 1 or > Largest)
                {
                    result.AddError(Words.Spoken.Say("cli.page-and-limit", ("most", Largest)));
                }
            });
        }

        // Without either the whole answer is asked for, page by page.
        public (int? Page, int Limit) Read(ParseResult parse)
        {
            var (page, limit) = (parse.GetValue(_page), parse.GetValue(_limit));
            return (page ?? (limit is null ? null : 1), limit ?? (page is null ? Largest : 100));
        }
    }
}
