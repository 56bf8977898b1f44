using System.CommandLine;
using System.Security.Cryptography;
using Ledger.Presentation;
using Ledger.Service.Hosting;
using Ledger.Service.Keys;
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
        var keys = new Option<string?>("--keys");
        var (actor, vault) = (new ActorOptions(), new VaultOptions());
        var command = new Command("adopt") { keys };
        actor.AddTo(command);
        vault.AddTo(command);
        on.AddTo(command);
        command.Validators.Add(result =>
        {
            if (on.IsExternal(result) && result.GetValue(keys) is null)
            {
                result.AddError(Words.Spoken.Say("cli.keys-with-connection"));
            }
        });
        command.SetAction(
            async (parse, cancel) =>
            {
                var options = on.Read(parse);
                options.KeyFolder = parse.GetValue(keys) ?? string.Empty;
                var (who, why) = actor.Read(parse);
                return await DatabaseOptions.RunAsync(
                    options,
                    async database =>
                    {
                        await database.Migrations.RequireFitAsync(cancel);
                        var adoption = new Adoption(
                            database,
                            KeyRing.Open(options.Keys, Vault.Of(vault.Into(options, parse)), TimeProvider.System),
                            SignerMemory.In(options.Keys),
                            new Guid(RandomNumberGenerator.GetBytes(16))
                        );
                        var (lost, size) = await adoption.RunAsync(who, why, cancel);
                        Console.Out.WriteLine(
                            Words.Spoken.Say(
                                lost > 0 ? "cli.adopted-with-loss" : "cli.adopted",
                                ("size", size),
                                ("lost", lost)
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
}
