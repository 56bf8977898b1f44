using System.CommandLine;
using Ledger.Files;
using Ledger.Service.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Ledger.Cli.Commands;

/// <summary><c>ledger serve</c>: runs the service, with its embedded PostgreSQL unless told otherwise.</summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        // An option that is not given is left to the environment (Ledger__Port) and to what is in the options' class.
        var data = new Option<string?>("--data");
        var connection = ConnectionOption.Optional();
        var keys = new Option<string?>("--keys");
        var origin = new Option<string?>("--origin");
        var port = new Option<int?>("--port");
        var readOnly = new Option<bool?>("--read-only");
        var anomalies = new Option<bool?>("--watch-anomalies");
        var http = new Option<int?>("--http-port");
        var console = new Option<int?>("--console-port");
        var address = new Option<string?>("--address");
        var certificate = new Option<string?>("--certificate");
        var certificateKey = new Option<string?>("--certificate-key");
        var clients = new Option<string?>("--clients");
        var clientAuthorities = new Option<string?>("--client-authorities");
        var revocationList = new Option<string?>("--revocation-list");
        var oidcAuthority = new Option<string?>("--oidc-authority");
        var oidcAudience = new Option<string?>("--oidc-audience");
        var oidcRoots = new Option<string?>("--oidc-roots");
        var policy = new Option<string?>("--witness-policy");
        var timestampUrl = new Option<string?>("--timestamp-url");
        var timestampRoots = new Option<string?>("--timestamp-roots");
        var timestampCadence = new Option<TimeSpan?>("--timestamp-cadence");
        var mirror = new Option<string?>("--mirror") { CustomParser = MirrorOption.Read };
        var ready = new Option<string?>("--ready-file");
        var command = new Command("serve")
        {
            data,
            connection,
            keys,
            origin,
            port,
            readOnly,
            anomalies,
            http,
            console,
            address,
            certificate,
            certificateKey,
            clients,
            clientAuthorities,
            revocationList,
            oidcAuthority,
            oidcAudience,
            oidcRoots,
            policy,
            timestampUrl,
            timestampRoots,
            timestampCadence,
            mirror,
            ready,
        };
        var vault = new VaultOptions();
        vault.AddTo(command);
        command.SetAction(
            async (parse, cancel) =>
            {
                var app = Build(
                    new Dictionary<string, string?>
                    {
                        [nameof(LedgerOptions.DataFolder)] = parse.GetValue(data),
                        [nameof(LedgerOptions.ConnectionString)] = parse.GetValue(connection),
                        [nameof(LedgerOptions.KeyFolder)] = parse.GetValue(keys),
                        [nameof(LedgerOptions.Origin)] = parse.GetValue(origin),
                        [nameof(LedgerOptions.Port)] = parse
                            .GetValue(port)
                            ?.ToString(System.Globalization.CultureInfo.InvariantCulture),
                        [nameof(LedgerOptions.WatchAnomalies)] = parse.GetValue(anomalies)?.ToString(),
                        [nameof(LedgerOptions.ReadOnly)] = parse.GetValue(readOnly)?.ToString(),
                        [nameof(LedgerOptions.HttpPort)] = parse
                            .GetValue(http)
                            ?.ToString(System.Globalization.CultureInfo.InvariantCulture),
                        [nameof(LedgerOptions.Address)] = parse.GetValue(address),
                        [nameof(LedgerOptions.Certificate)] = parse.GetValue(certificate),
                        [nameof(LedgerOptions.CertificateKey)] = parse.GetValue(certificateKey),
                        [nameof(LedgerOptions.Clients)] = parse.GetValue(clients),
                        [nameof(LedgerOptions.ClientAuthorities)] = parse.GetValue(clientAuthorities),
                        [nameof(LedgerOptions.RevocationList)] = parse.GetValue(revocationList),
                        [nameof(LedgerOptions.OidcAuthority)] = parse.GetValue(oidcAuthority),
                        [nameof(LedgerOptions.OidcAudience)] = parse.GetValue(oidcAudience),
                        [nameof(LedgerOptions.OidcRoots)] = parse.GetValue(oidcRoots),
                        [nameof(LedgerOptions.WitnessPolicy)] = parse.GetValue(policy),
                        [nameof(LedgerOptions.TimestampUrl)] = parse.GetValue(timestampUrl),
                        [nameof(LedgerOptions.TimestampRoots)] = parse.GetValue(timestampRoots),
                        [nameof(LedgerOptions.TimestampCadence)] = parse.GetValue(timestampCadence)?.ToString(),
                        [nameof(LedgerOptions.Pkcs11Module)] = parse.GetValue(vault.Module),
                        [nameof(LedgerOptions.Pkcs11Token)] = parse.GetValue(vault.Token),
                        [nameof(LedgerOptions.Pkcs11PinFile)] = parse.GetValue(vault.PinFile),
                        [nameof(LedgerOptions.Mirror)] = parse.GetValue(mirror),
                        [nameof(LedgerOptions.ReadyFile)] = parse.GetValue(ready),
                    }
                );
                await (
                    parse.GetValue(console) is { } pages
                        ? ConsoleBeside.RunAsync(app, pages, cancel)
                        : app.RunLedgerAsync(cancel)
                );
                return ExitCode.Done;
            }
        );
        return command;
    }

    /// <summary>The service with these options of its section; what is null keeps its default.</summary>
    public static WebApplication Build(Dictionary<string, string?> options, LogLevel least = LogLevel.Information)
    {
        var builder = LedgerHost.CreateBuilder();
        builder
            .Logging.SetMinimumLevel(least)
            .AddFilter("Microsoft", LogLevel.Warning)
            .AddFilter("Grpc", LogLevel.Warning);
        builder.Configuration.AddInMemoryCollection(
            options
                .Where(o => o.Value is not null)
                .Select(o => KeyValuePair.Create($"{LedgerOptions.Section}:{o.Key}", o.Value))
        );
        builder.AddLedger();
        var app = builder.Build();
        app.MapLedger();
        return app;
    }
}
