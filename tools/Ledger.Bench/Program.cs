using System.Globalization;
using Ledger.Bench;
using Ledger.Bench.Overload;
using Ledger.Bench.Spooling;
using Ledger.Store.Embedded;

if (args is [Pusher.Verb, var address, var streams])
{
    await Pusher.RunAsync(new Uri(address), int.Parse(streams, CultureInfo.InvariantCulture));
    return 0;
}

if (args is [Pusher.FloodVerb, var flooded, var connections, var roots])
{
    await Pusher.FloodAsync(new Uri(flooded), int.Parse(connections, CultureInfo.InvariantCulture), roots);
    return 0;
}

if (args is [SpoolPortal.Verb, var ledger, var spool, var receipts, var vkey, var rate])
{
    await SpoolPortal.RunAsync(new Uri(ledger), spool, receipts, vkey, int.Parse(rate, CultureInfo.InvariantCulture));
    return 0;
}

// "overload" is all of those that follow it, in one run.
string[] known =
[
    "append",
    "verify",
    "ask",
    "bytes",
    "spool",
    "overload",
    "questions",
    "streams",
    "snapshot",
    "callers",
    "known",
    "rules",
];
var json = args.SkipWhile(a => a != "--json").Skip(1).FirstOrDefault();
var wanted = args.Where(a => a != "--json" && a != json).ToList();
if (wanted.Count == 0 || wanted.Except(known).Any() || (args.Contains("--json") && json is null))
{
    Console.Error.WriteLine($"ledger-bench: usage: {string.Join(' ', known)} [--json FILE], one or more experiments");
    return 2;
}

const int passes = 5;
var folder = Directory.CreateTempSubdirectory("ledger-bench-").FullName;
File.SetUnixFileMode(folder, (UnixFileMode)0b111_001_001);
try
{
    await using var postgres = await EmbeddedPostgres.StartAsync(Path.Combine(folder, "pg"), CancellationToken.None);
    var workload = new Workload(postgres);
    var measurements = new List<Measurement>();
    foreach (var experiment in wanted)
    {
        measurements.AddRange(
            experiment switch
            {
                "append" => await AppendExperiment.RunAsync(workload, passes),
                "verify" => await VerifyExperiment.RunAsync(workload, passes),
                "spool" => await SpoolExperiment.RunAsync(passes),
                "bytes" => await BytesExperiment.RunAsync(workload),
                "ask" => await AskExperiment.RunAsync(workload, passes),
                _ => await OverloadExperiment.RunAsync(workload, experiment),
            }
        );
    }

    Report.Write(measurements, json);
    return 0;
}
finally
{
    Directory.Delete(folder, recursive: true);
}
