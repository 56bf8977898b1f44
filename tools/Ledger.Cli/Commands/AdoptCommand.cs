using System.CommandLine;
using System.Security.Cryptography;
using Ledger.Domain.Common;
using Ledger.Service.Hosting;
using Ledger.Store.Publishing;

namespace Ledger.Cli.Commands;

/// <summary>
/// <c>ledger db adopt</c>: goes on from a restored copy, though its key has signed more. The act is recorded in the
/// log, and every verifier reports it.
/// </summary>
internal static class AdoptCommand
{
    public static Command Create()
    {
        var on = new DatabaseOptions();
        var keys = new Option<string?>("--keys")
        {
            Description = "The folder of the keys. Default: 'keys' in the data folder.",
        };
        var caf = new Option<string>("--caf")
        {
            Description = "The Caf that decides it, such as 763.",
            Required = true,
        };
        var agent = new Option<string>("--agent") { Description = "Who decides it.", Required = true };
        var reason = new Option<string>("--reason") { Description = "Why: it is kept in the log.", Required = true };
        var command = new Command(
            "adopt",
            "Go on from a restored copy. What was signed beyond it is lost here. Stop the service first."
        )
        {
            keys,
            caf,
            agent,
            reason,
        };
        on.AddTo(command);
        command.Validators.Add(result =>
        {
            if (on.IsExternal(result) && result.GetValue(keys) is null)
            {
                result.AddError("With --connection, --keys is required.");
            }
        });
        command.SetAction(
            async (parse, cancel) =>
            {
                var options = on.Read(parse);
                options.KeyFolder = parse.GetValue(keys) ?? string.Empty;
                var actor = new Actor(
                    Named("--agent", () => AgentId.Parse(parse.GetRequiredValue(agent))),
                    Named("--caf", () => CafCode.Parse(parse.GetRequiredValue(caf))),
                    null
                );
                var why = Named("--reason", () => TextRules.Required(parse.GetRequiredValue(reason), "The reason"));
                return await DatabaseOptions.RunAsync(
                    options,
                    async database =>
                    {
                        await database.Migrations.RequireFitAsync(cancel);
                        var adoption = new Adoption(
                            database,
                            SigningKey.Load(options.Keys),
                            SignerMemory.In(options.Keys),
                            new Guid(RandomNumberGenerator.GetBytes(16))
                        );
                        var (lost, size) = await adoption.RunAsync(actor, why, cancel);
                        Console.Out.WriteLine(
                            $"La copie restaurée est adoptée : {size} inscriptions"
                                + (
                                    lost > 0
                                        ? $" ; {lost} inscriptions signées manquent."
                                        : ", autres que celles signées."
                                )
                        );
                        return ExitCode.Done;
                    },
                    cancel
                );
            }
        );
        return command;
    }

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
