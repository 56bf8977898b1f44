using System.CommandLine;
using Ledger.Files;
using Ledger.Integrity.Checkpoints;
using Ledger.Presentation;
using Ledger.Verify.Witnesses;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Ledger.Verify.Commands;

/// <summary><c>ledger-verify witness serve</c>: a witness that a partner or the Cnaf can run.</summary>
internal static class WitnessCommand
{
    private const string Ed25519 = "ed25519";
    private const string MlDsa = "ml-dsa-44";

    public static Command Create()
    {
        var folder = new Option<string>("--folder") { Required = true };
        var name = new Option<string?>("--name");
        var algorithm = new Option<string>("--algorithm") { DefaultValueFactory = _ => Ed25519 };
        algorithm.AcceptOnlyFromAmong(Ed25519, MlDsa);
        var logs = new Option<string[]>("--log") { Required = true };
        var port = new Option<int>("--port") { DefaultValueFactory = _ => 5090 };
        var ready = new Option<string?>("--ready-file");
        var serve = new Command("serve") { folder, name, algorithm, logs, port, ready };
        serve.SetAction(
            (parse, cancel) =>
                ExitCodes.GuardAsync(async () =>
                {
                    var keys = parse.GetRequiredValue(logs).Select(KeyOf).ToList();
                    var memory = WitnessMemory.Open(
                        parse.GetRequiredValue(folder),
                        parse.GetValue(name),
                        parse.GetValue(algorithm) == MlDsa ? NoteKeyType.MlDsaCosignature : NoteKeyType.Cosignature
                    );
                    using var server = new WitnessServer(memory, keys, TimeProvider.System);
                    await using var app = server.Build(parse.GetValue(port));
                    await app.StartAsync(cancel);
                    var address = app
                        .Services.GetRequiredService<IServer>()
                        .Features.Get<IServerAddressesFeature>()!
                        .Addresses.First();
                    Console.Out.WriteLine(
                        Words.Spoken.Say(
                            "verify.witness-ready",
                            ("name", memory.Signer.Verifier.Name),
                            ("address", address)
                        )
                    );
                    Console.Out.WriteLine($"witness {memory.Signer.Verifier.Name} {memory.Signer.Verifier} {address}");
                    if (parse.GetValue(ready) is { } file)
                    {
                        DurableFile.Replace(
                            file,
                            System.Text.Encoding.UTF8.GetBytes($"{address}\n{memory.Signer.Verifier}\n")
                        );
                    }

                    await app.WaitForShutdownAsync(cancel);
                    return ExitCodes.Whole;
                })
        );
        return new Command("witness") { serve };
    }

    private static NoteVerifier KeyOf(string text)
    {
        try
        {
            return NoteVerifier.Parse(File.Exists(text) ? File.ReadAllText(text) : text);
        }
        catch (FormatException e)
        {
            throw new CannotVerifyException($"--log: {e.Message}");
        }
    }
}
