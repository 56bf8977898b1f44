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
        var data = new Option<string?>("--data")
        {
            Description = "The folder of the embedded PostgreSQL and the keys. Default: ledger-data.",
        };
        var connection = ConnectionOption.Optional("A PostgreSQL that holds the ledger, instead of the embedded one.");
        var keys = new Option<string?>("--keys")
        {
            Description = "The folder of the keys. Default: 'keys' in the data folder.",
        };
        var origin = new Option<string?>("--origin")
        {
            Description = "The name of the ledger that an empty embedded PostgreSQL gets.",
        };
        var port = new Option<int?>("--port") { Description = "The port; 0 takes a free one. Default: 5080." };
        var readOnly = new Option<bool?>("--read-only")
        {
            Description = "Answer questions, and record, sign and anchor nothing. Serves a restored copy too.",
        };
        var anomalies = new Option<bool?>("--watch-anomalies")
        {
            Description = "Run the anomaly rules behind the log. Default: true.",
        };
        var tiles = new Option<int?>("--tiles-port")
        {
            Description = "The port of the tiles over HTTP (C2SP tlog-tiles); 0 takes a free one. Default: none.",
        };
        var address = new Option<string?>("--address")
        {
            Description =
                "The address to listen on. Default: 127.0.0.1. Any but loopback needs a certificate and callers.",
        };
        var certificate = new Option<string?>("--certificate")
        {
            Description =
                "The certificate that the service shows, in PEM, and those that it is under. Default: no TLS.",
        };
        var certificateKey = new Option<string?>("--certificate-key") { Description = "Its key, in PEM, mode 0600." };
        var clients = new Option<string?>("--clients")
        {
            Description = "The mapping file of client certificates to clients, roles and scopes.",
        };
        var clientAuthorities = new Option<string?>("--client-authorities")
        {
            Description = "A PEM file of the authorities that client certificates are under.",
        };
        var revocationList = new Option<string?>("--revocation-list")
        {
            Description = "A file of their revocation lists, read again whenever a certificate is checked.",
        };
        var oidcAuthority = new Option<string?>("--oidc-authority")
        {
            Description = "The OpenID Connect provider whose access tokens are accepted.",
        };
        var oidcAudience = new Option<string?>("--oidc-audience")
        {
            Description = "What those tokens name as their audience.",
        };
        var oidcRoots = new Option<string?>("--oidc-roots")
        {
            Description = "A PEM file of the roots of the provider's certificate. Default: the system's.",
        };
        var policy = new Option<string?>("--witness-policy")
        {
            Description = "A C2SP tlog-policy file: the witnesses that it names with an address are asked to cosign.",
        };
        var timestampUrl = new Option<string?>("--timestamp-url")
        {
            Description = "An RFC 3161 timestamping authority.",
        };
        var timestampRoots = new Option<string?>("--timestamp-roots")
        {
            Description = "A PEM file of the roots under which that authority must be.",
        };
        var timestampCadence = new Option<TimeSpan?>("--timestamp-cadence")
        {
            Description = "At most one timestamp in that time, as 01:00:00.",
        };
        var mirror = new Option<string?>("--mirror")
        {
            Description =
                "An EventStoreDB that mirrors the log: esdb://user@host:2113, with LEDGER_MIRROR_PASSWORD set.",
            CustomParser = MirrorOption.Read,
        };
        var ready = new Option<string?>("--ready-file") { Description = "A file to write the address to once ready." };
        var command = new Command("serve", "Run the service.")
        {
            data,
            connection,
            keys,
            origin,
            port,
            readOnly,
            anomalies,
            tiles,
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
                        [nameof(LedgerOptions.TilesPort)] = parse
                            .GetValue(tiles)
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
                await app.RunLedgerAsync(cancel);
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
