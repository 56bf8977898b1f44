using System.CommandLine;
using System.Security.Cryptography.X509Certificates;
using Caf.Ledger.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Ledger.Answers;
using Ledger.Cli.Answers;
using Ledger.Client;
using Ledger.Presentation;
using Ledger.Service.Hosting;

namespace Ledger.Cli.Commands;

/// <summary>The options that several commands share.</summary>
internal sealed class CommonOptions
{
    private static Uri Usual =>
        Uri.TryCreate(Environment.GetEnvironmentVariable("LEDGER_SERVER"), UriKind.Absolute, out var address)
        && address.Scheme is "http" or "https"
            ? address
            : new Uri("http://127.0.0.1:5080");

    public Option<Uri> Server { get; } =
        new("--server")
        {
            DefaultValueFactory = _ => Usual,
            CustomParser = result =>
            {
                if (
                    Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var address)
                    && address.Scheme is "http" or "https"
                )
                {
                    return address;
                }

                result.AddError(Words.Spoken.Say("cli.server-is-an-address"));
                return null;
            },
        };

    public Option<string?> TokenFile { get; } = new("--token-file");

    public Option<string?> Roots { get; } = new("--roots");

    public Option<string> Output { get; } = Enumerated("--output", "table", "json", "csv");

    public Option<DateTimeOffset?> KnownAt { get; } = Instant("--known-at");

    public Option<long?> KnownPosition { get; } = new("--known-position");

    public void AddTo(Command command, bool withKnownAt)
    {
        command.Options.Add(Server);
        command.Options.Add(TokenFile);
        command.Options.Add(Roots);
        command.Options.Add(Output);
        if (withKnownAt)
        {
            command.Options.Add(KnownAt);
            command.Options.Add(KnownPosition);
            command.Validators.Add(result =>
            {
                if (result.GetValue(KnownAt) is not null && result.GetValue(KnownPosition) is not null)
                {
                    result.AddError(Words.Spoken.Say("cli.one-knowledge"));
                }
            });
        }
    }

    public LedgerClient Connect(ParseResult parse)
    {
        var server = parse.GetRequiredValue(Server);
        var credentials = LedgerCredentials.LocalTo(server);
        if ((parse.GetValue(TokenFile) ?? Environment.GetEnvironmentVariable("LEDGER_TOKEN_FILE")) is { } file)
        {
            credentials = credentials with { TokenFile = Existing("--token-file", file) };
        }

        if ((parse.GetValue(Roots) ?? Environment.GetEnvironmentVariable("LEDGER_ROOTS")) is { } roots)
        {
            credentials = credentials with { Roots = RootsIn(Existing("--roots", roots)) };
        }

        try
        {
            return new LedgerClient(server, credentials with { Language = Languages.TagOf(Words.Spoken.Language) });
        }
        catch (ArgumentException e)
        {
            throw new SetupException(Words.Spoken.Say("cli.token-over-tls"), e);
        }
    }

    public KnownAt? Known(ParseResult parse) =>
        (parse.GetValue(KnownPosition), parse.GetValue(KnownAt)) switch
        {
            ({ } position, _) => new KnownAt { Position = position },
            (_, { } instant) => new KnownAt { Instant = instant.ToTimestamp() },
            _ => null,
        };

    /// <summary>Prints an answer: as JSON, as CSV, or for a person; of the sheet that the caller makes of it.</summary>
    public void Print(ParseResult parse, IMessage answer, Func<Sheet> sheet)
    {
        switch (parse.GetValue(Output))
        {
            case "json":
                Console.Out.WriteLine(JsonFormatter.Default.Format(answer));
                break;
            case "csv":
                Printer.WriteCsv(sheet(), Console.Out);
                break;
            default:
                Printer.Print(sheet());
                break;
        }
    }

    public static Option<DateTimeOffset?> Instant(string name) =>
        new(name)
        {
            CustomParser = result =>
                Moments.TryParse(result.Tokens[0].Value, out var instant)
                    ? instant
                    : Fail(result, Words.Spoken.Say("cli.not-a-moment", ("option", name))),
        };

    private static string Existing(string option, string file) =>
        File.Exists(file)
            ? file
            : throw new SetupException(Words.Spoken.Say("cli.no-such-file", ("option", option), ("file", file)));

    private static X509Certificate2Collection RootsIn(string file)
    {
        var roots = new X509Certificate2Collection();
        try
        {
            roots.ImportFromPemFile(file);
        }
        catch (System.Security.Cryptography.CryptographicException e)
        {
            throw new SetupException($"--roots : {file} : {e.Message}", e);
        }

        return roots;
    }

    private static DateTimeOffset? Fail(System.CommandLine.Parsing.ArgumentResult result, string message)
    {
        result.AddError(message);
        return null;
    }

    private static Option<string> Enumerated(string name, params string[] values)
    {
        var option = new Option<string>(name) { DefaultValueFactory = _ => values[0] };
        option.AcceptOnlyFromAmong(values);
        return option;
    }
}
