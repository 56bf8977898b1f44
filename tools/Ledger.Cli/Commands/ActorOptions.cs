using System.CommandLine;
using Ledger.Domain.Common;
using Ledger.Service.Hosting;

namespace Ledger.Cli.Commands;

/// <summary>Who decides an act of the operator's that the log keeps, and why.</summary>
internal sealed class ActorOptions
{
    private readonly Option<string> _caf = new("--caf") { Required = true };

    private readonly Option<string> _agent = new("--agent") { Required = true };

    private readonly Option<string> _reason = new("--reason") { Required = true };

    public void AddTo(Command command)
    {
        command.Options.Add(_caf);
        command.Options.Add(_agent);
        command.Options.Add(_reason);
    }

    /// <exception cref="SetupException">One is not what it should be.</exception>
    public (Actor Actor, string Why) Read(ParseResult parse) =>
        (
            new Actor(
                Named("--agent", () => AgentId.Parse(parse.GetRequiredValue(_agent))),
                Named("--caf", () => CafCode.Parse(parse.GetRequiredValue(_caf))),
                null
            ),
            Named("--reason", () => TextRules.Required(parse.GetRequiredValue(_reason), "The reason"))
        );

    private static T Named<T>(string option, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (FormatException e)
        {
            throw new SetupException($"{option} : {e.Message}", e);
        }
    }
}
