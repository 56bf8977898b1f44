using System.CommandLine;
using System.Security.Cryptography;
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
        var keys = new Option<string?>("--keys")
        {
            Description = "The folder of the keys. Default: 'keys' in the data folder.",
        };
        var (actor, vault) = (new ActorOptions(), new VaultOptions());
        var command = new Command(
            "adopt",
            "Go on from a restored copy. What was signed beyond it is lost here. Stop the service first."
        )
        {
            keys,
        };
        actor.AddTo(command);
        vault.AddTo(command);
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
}
