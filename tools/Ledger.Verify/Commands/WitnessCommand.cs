using System.CommandLine;
using Ledger.Files;
using Ledger.Integrity.Checkpoints;
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
        var folder = new Option<string>("--folder")
        {
            Description = "Where the witness keeps its key and what it saw.",
            Required = true,
        };
        var name = new Option<string?>("--name")
        {
            Description = "The name of a new witness's key, such as witness.partner.example.",
        };
        var algorithm = new Option<string>("--algorithm")
        {
            Description = "What a new witness signs with: ed25519, or ml-dsa-44, which outlasts quantum computers.",
            DefaultValueFactory = _ => Ed25519,
        };
        algorithm.AcceptOnlyFromAmong(Ed25519, MlDsa);
        var logs = new Option<string[]>("--log")
        {
            Description = "The public key (vkey) of a ledger to be witnessed, or a file that holds it. Once for each.",
            Required = true,
        };
        var port = new Option<int>("--port")
        {
            Description = "The loopback port; 0 takes a free one.",
            DefaultValueFactory = _ => 5090,
        };
        var ready = new Option<string?>("--ready-file")
        {
            Description = "A file to which the address and the witness's vkey are written once ready.",
        };
        var serve = new Command(
            "serve",
            "Cosign the checkpoints of ledgers that continue what was cosigned before (C2SP tlog-witness)."
        )
        {
            folder,
            name,
            algorithm,
            logs,
            port,
            ready,
        };
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
                    Console.Out.WriteLine($"{memory.Signer.Verifier.Name} listens on {address}; a policy names it so:");
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
        return new Command("witness", "Be a witness of ledgers.") { serve };
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
