using System.CommandLine;
using Caf.Ledger.V1;
using Ledger.Presentation;
using Ledger.Service.Hosting;

namespace Ledger.Cli.Commands;

/// <summary>Who asks or acts: somebody of a Caf, named on the command line or in LEDGER_AS.</summary>
internal sealed class AskerOptions
{
    private readonly Option<string?> _as = new("--as");
    private readonly Option<string> _traceRequest = new("--trace-request") { DefaultValueFactory = _ => string.Empty };

    public void AddTo(Command command)
    {
        AddActorTo(command);
        command.Options.Add(_traceRequest);
    }

    public void AddActorTo(Command command) => command.Options.Add(_as);

    public Asking Asking(ParseResult parse, KnownAt? known) =>
        new()
        {
            Context = Context(parse),
            TraceRequest = parse.GetValue(_traceRequest),
            KnownAt = known,
        };

    public RequestContext Context(ParseResult parse)
    {
        var who = (parse.GetValue(_as) ?? Environment.GetEnvironmentVariable("LEDGER_AS") ?? string.Empty).Split('/');
        if (who is not [{ Length: 3 }, { Length: > 0 }])
        {
            throw new SetupException(Words.Spoken.Say("cli.who-asks"));
        }

        return new()
        {
            RequestId = Guid.CreateVersion7().ToString(),
            Actor = new Actor
            {
                Id = who[1],
                Kind = ActorKind.Human,
                Caf = who[0],
            },
        };
    }
}
