using System.CommandLine;
using Caf.Ledger.V1;
using Google.Protobuf.WellKnownTypes;
using Ledger.Files;
using Ledger.Presentation;
using Ledger.Service.Hosting;

namespace Ledger.Cli.Commands;

/// <summary><c>ledger evidence</c>: a story as one file that proves itself.</summary>
internal static class EvidenceCommand
{
    public static Command Create()
    {
        var (common, asker, about) = (new CommonOptions(), new AskerOptions(), new AboutOptions());
        var path = new Argument<string>("FILE");
        var command = new Command("evidence") { path };
        var pdf = new Option<string?>("--pdf");
        command.Options.Add(pdf);
        about.AddTo(command);
        common.AddTo(command, withKnownAt: true);
        asker.AddTo(command);
        command.SetAction(
            async (parse, cancel) =>
            {
                var request = new ExportEvidenceRequest
                {
                    Asking = asker.Asking(parse, common.Known(parse)),
                    From = parse.GetValue(about.From)?.ToTimestamp(),
                    Until = parse.GetValue(about.Until)?.ToTimestamp(),
                };
                about.Choose(parse, a => request.Account = a, s => request.Service = s, a => request.Allocataire = a);
                using var client = common.Connect(parse);
                var target = parse.GetRequiredValue(path);
                await using (var file = OwnFile.Create(target + ".new"))
                {
                    await client.ExportEvidenceAsync(request, file, cancel);
                }

                File.Move(target + ".new", target, overwrite: true);
                Console.Out.WriteLine(Words.Spoken.Say("cli.evidence-written", ("file", target)));
                if (parse.GetValue(pdf) is { } printed)
                {
                    await PdfFile.WriteAsync(target, printed, cancel);
                    Console.Out.WriteLine(Words.Spoken.Say("cli.pdf-written", ("file", printed)));
                }

                return ExitCode.Done;
            }
        );
        return command;
    }
}

/// <summary>What a story is about: a partner or its agent, a service, or a file; and when.</summary>
internal sealed class AboutOptions
{
    private readonly Option<string> _siret = Text("--siret");
    private readonly Option<string> _agent = Text("--agent");
    private readonly Option<string> _service = Text("--service");
    private readonly Option<string> _caf = Text("--caf");
    private readonly Option<string> _matricule = MatriculeOption.Optional();

    public Option<DateTimeOffset?> From { get; } = CommonOptions.Instant("--from");

    public Option<DateTimeOffset?> Until { get; } = CommonOptions.Instant("--until");

    public void AddTo(Command command)
    {
        foreach (
            var option in new System.CommandLine.Option[] { _siret, _agent, _service, _caf, _matricule, From, Until }
        )
        {
            command.Options.Add(option);
        }
    }

    public void Choose(
        ParseResult parse,
        Action<Account> account,
        Action<string> service,
        Action<Allocataire> allocataire
    )
    {
        if (parse.GetValue(_siret) is { Length: > 0 } partner)
        {
            account(new Account { Siret = partner, Agent = parse.GetValue(_agent) });
        }
        else if (parse.GetValue(_service) is { Length: > 0 } code)
        {
            service(code);
        }
        else if (parse.GetValue(_matricule) is { Length: > 0 } || parse.GetValue(_caf) is { Length: > 0 })
        {
            allocataire(new Allocataire { Caf = parse.GetValue(_caf), Matricule = parse.GetValue(_matricule) });
        }
    }

    private static Option<string> Text(string name) => new(name) { DefaultValueFactory = _ => string.Empty };
}
