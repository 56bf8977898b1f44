using System.CommandLine;
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
        var connection = new Option<string?>("--connection")
        {
            Description = "A PostgreSQL that holds the ledger, instead of the embedded one.",
        };
        var keys = new Option<string?>("--keys")
        {
            Description = "The folder of the keys. Default: 'keys' in the data folder.",
        };
        var origin = new Option<string?>("--origin")
        {
            Description = "The name of the ledger that an empty embedded PostgreSQL gets.",
        };
        var port = new Option<int?>("--port") { Description = "The loopback port; 0 takes a free one. Default: 5080." };
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
            Description =
                "The loopback port of the tiles over HTTP (C2SP tlog-tiles); 0 takes a free one. Default: none.",
        };
        var token = new Option<string?>("--entries-token")
        {
            Description = "What a reader of entry bundles presents as a bearer token. Default: nobody reads them.",
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
            Description = "An EventStoreDB that mirrors the log: esdb://host:2113.",
        };
        var ready = new Option<string?>("--ready-file") { Description = "A file to write the address to once ready." };
        var command = new Command("serve", "Run the service on loopback.")
        {
            data,
            connection,
            keys,
            origin,
            port,
            readOnly,
            anomalies,
            tiles,
            token,
            policy,
            timestampUrl,
            timestampRoots,
            timestampCadence,
            mirror,
            ready,
        };
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
                        [nameof(LedgerOptions.EntriesToken)] = parse.GetValue(token),
                        [nameof(LedgerOptions.WitnessPolicy)] = parse.GetValue(policy),
                        [nameof(LedgerOptions.TimestampUrl)] = parse.GetValue(timestampUrl),
                        [nameof(LedgerOptions.TimestampRoots)] = parse.GetValue(timestampRoots),
                        [nameof(LedgerOptions.TimestampCadence)] = parse.GetValue(timestampCadence)?.ToString(),
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
