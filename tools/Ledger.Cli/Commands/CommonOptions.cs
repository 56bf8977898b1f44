using System.CommandLine;
using System.Security.Cryptography.X509Certificates;
using Caf.Ledger.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Ledger.Client;
using Ledger.Service.Hosting;
using Spectre.Console;

namespace Ledger.Cli.Commands;

/// <summary>The options that several commands share.</summary>
internal sealed class CommonOptions
{
    public Option<Uri> Server { get; } =
        new("--server")
        {
            Description = "The ledger's address.",
            DefaultValueFactory = _ => new Uri("http://127.0.0.1:5080"),
            CustomParser = result =>
            {
                if (
                    Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var address)
                    && address.Scheme is "http" or "https"
                )
                {
                    return address;
                }

                result.AddError("--server is an address such as http://127.0.0.1:5080.");
                return null;
            },
        };

    public Option<string?> TokenFile { get; } =
        new("--token-file")
        {
            Description =
                "A file with the access token to present. Default: the variable LEDGER_TOKEN_FILE, or what a ledger on "
                + "this machine left for whoever runs it.",
        };

    public Option<string?> Roots { get; } =
        new("--roots")
        {
            Description =
                "A PEM file of the roots of the ledger's certificate. Default: the variable LEDGER_ROOTS, or the "
                + "system's.",
        };

    public Option<string> Output { get; } = Enumerated("--output", "table or json.", "table", "json");

    public Option<DateTimeOffset?> KnownAt { get; } =
        Instant("--known-at", "As known at this moment (ISO 8601). Default: now.");

    public Option<long?> KnownPosition { get; } =
        new("--known-position") { Description = "As known once the event at this position was." };

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
                    result.AddError("--known-at and --known-position exclude each other.");
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
            return new LedgerClient(server, credentials);
        }
        catch (ArgumentException e)
        {
            throw new SetupException(
                "--server : un jeton n'est envoyé que par TLS : l'adresse commence par https. (A token is sent over TLS "
                    + "only.)",
                e
            );
        }
    }

    public KnownAt? Known(ParseResult parse) =>
        (parse.GetValue(KnownPosition), parse.GetValue(KnownAt)) switch
        {
            ({ } position, _) => new KnownAt { Position = position },
            (_, { } instant) => new KnownAt { Instant = instant.ToTimestamp() },
            _ => null,
        };

    /// <summary>Prints an answer: as JSON, or as the table that the caller makes of it.</summary>
    public void Print(ParseResult parse, IMessage answer, Func<Table> table)
    {
        if (parse.GetValue(Output) == "json")
        {
            Console.Out.WriteLine(JsonFormatter.Default.Format(answer));
        }
        else
        {
            AnsiConsole.Write(table());
        }
    }

    public static Option<DateTimeOffset?> Instant(string name, string description) =>
        new(name)
        {
            Description = description,
            CustomParser = result =>
                Moments.TryParse(result.Tokens[0].Value, out var instant)
                    ? instant
                    : Fail(
                        result,
                        $"{name} : un moment s'écrit 10/03/2026, 10/03/2026 09:30, 2026-03-10 ou 2026-03-10T09:30:00Z "
                            + "(day/month/year, or ISO 8601; without an offset: in Paris)."
                    ),
        };

    private static string Existing(string option, string file) =>
        File.Exists(file)
            ? file
            : throw new SetupException($"{option} : le fichier {file} n'existe pas. (There is no such file.)");

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

    private static Option<string> Enumerated(string name, string description, params string[] values)
    {
        var option = new Option<string>(name) { Description = description, DefaultValueFactory = _ => values[0] };
        option.AcceptOnlyFromAmong(values);
        return option;
    }
}
