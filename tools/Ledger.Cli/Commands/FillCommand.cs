using System.CommandLine;
using Ledger.Cli.Demo;
using Ledger.Domain.Simulation;
using Ledger.Presentation;
using Ledger.Service.Hosting;

namespace Ledger.Cli.Commands;

/// <summary><c>ledger fill --simulated</c>: a Caf that never was, to try things on.</summary>
internal static class FillCommand
{
    public static Command Create()
    {
        var common = new CommonOptions();
        var (simulated, core) = (new Option<bool>("--simulated"), new Option<bool>("--core-case"));
        var (partners, agents) = (Number("--partners", 5), Number("--agents", 10));
        var (files, consultations) = (Number("--files", 1000), Number("--consultations", 2000));
        var seed = new Option<int>("--seed") { DefaultValueFactory = _ => 1 };
        var command = new Command("fill") { simulated, core, partners, agents, files, consultations, seed };
        command.Options.Add(common.Server);
        command.Options.Add(common.TokenFile);
        command.Options.Add(common.Roots);
        command.Validators.Add(result =>
        {
            if (!result.GetValue(simulated) && !result.GetValue(core))
            {
                result.AddError(Words.Spoken.Say("cli.fill-with-what"));
            }
        });
        command.SetAction(
            async (parse, cancel) =>
            {
                using var client = common.Connect(parse);
                if (parse.GetValue(core))
                {
                    var scenario = new Scenario(client);
                    await scenario.SignAsync();
                    await scenario.GrantAsync();
                    await scenario.ConsultAsync();
                    await scenario.SignalDepartureAsync();
                    Console.Out.WriteLine(
                        Words.Spoken.Say("cli.filled-core", ("position", $"{scenario.CoreCasePosition}"))
                    );
                }

                if (!parse.GetValue(simulated))
                {
                    return ExitCode.Done;
                }

                var said = new SimulatedRequests(client);
                var size = new HistorySize(
                    parse.GetValue(partners),
                    parse.GetValue(agents),
                    GrantsPerAgent: 2,
                    parse.GetValue(files),
                    parse.GetValue(consultations)
                );
                var acts = 0;
                foreach (var act in new HistoryGenerator(parse.GetValue(seed), size).Acts())
                {
                    await said.SayAsync(act, cancel);
                    acts++;
                }

                Console.Out.WriteLine(
                    Words.Spoken.Say("cli.filled", ("count", acts), ("partners", parse.GetValue(partners)))
                );
                return ExitCode.Done;
            }
        );
        return command;
    }

    private static Option<int> Number(string name, int usual)
    {
        var option = new Option<int>(name) { DefaultValueFactory = _ => usual };
        option.Validators.Add(result =>
        {
            if (result.GetValue(option) is < 1 or > 10_000_000)
            {
                result.AddError(Words.Spoken.Say("cli.at-least-one", ("option", name)));
            }
        });
        return option;
    }
}
