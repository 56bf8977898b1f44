using System.Net;
using System.Net.Sockets;
using Ledger.Domain.Common;
using Ledger.Files;
using Ledger.Store.Embedded;

namespace Ledger.Service.Hosting;

/// <summary>An option is wrong, or something that the service needs is missing: nothing was made or started.</summary>
/// <param name="message">Which, and what to do.</param>
/// <param name="cause">What found it.</param>
public sealed class SetupException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>Checks what can be checked before anything is made.</summary>
internal static class Setup
{
    /// <summary>Reads the options.</summary>
    /// <exception cref="SetupException">One of them is no value of its kind.</exception>
    public static LedgerOptions Read(IConfiguration configuration)
    {
        var options = new LedgerOptions();
        try
        {
            configuration.GetSection(LedgerOptions.Section).Bind(options);
        }
        catch (InvalidOperationException e)
        {
            throw new SetupException(e.Message, e);
        }

        foreach (var text in configuration.GetSection(LedgerOptions.Section).GetChildren())
        {
            Require(text.Value?.Length != 0, $"Ledger:{text.Key} is empty: leave it out, or say what it is.");
        }

        Require(options.Port is >= 0 and <= 65535, "Ledger:Port is 0 to 65535.");
        Require(options.HttpPort is null or >= 0 and <= 65535, "Ledger:HttpPort is 0 to 65535.");
        Require(
            options.Origin.Length > 0 && options.Origin.All(c => c is > ' ' and <= '~' and not '+'),
            "Ledger:Origin is printable ASCII, without space or plus."
        );
        Require(options.QuestionsAtOnce > 0, "Ledger:QuestionsAtOnce is at least 1.");
        Require(options.QuestionsWaiting >= 0, "Ledger:QuestionsWaiting is at least 0.");
        Require(options.StreamsAtOnce > 0, "Ledger:StreamsAtOnce is at least 1.");
        Require(options.TimestampCadence > TimeSpan.Zero, "Ledger:TimestampCadence is more than nothing.");
        return options;

        static void Require(bool holds, string message)
        {
            if (!holds)
            {
                throw new SetupException(message);
            }
        }
    }

    /// <summary>Checks that the machine has what the options ask for.</summary>
    /// <exception cref="SetupException">It has not.</exception>
    public static void Require(LedgerOptions options)
    {
        try
        {
            LegalTime.RequireZone();
            RequirePorts(options);
            RequireDatabase(options);
            RequireFolderOf("Ledger:ReadyFile", options.ReadyFile);
        }
        catch (Exception e) when (e is TimeZoneNotFoundException or EmbeddedPostgresException)
        {
            throw new SetupException(e.Message, e);
        }
    }

    private static void RequirePorts(LedgerOptions options)
    {
        if (options.Port != 0 && options.Port == options.HttpPort)
        {
            throw new SetupException($"Ledger:Port and Ledger:HttpPort are both {options.Port}.");
        }

        foreach (var port in new[] { options.Port, options.HttpPort ?? 0 }.Where(p => p != 0))
        {
            try
            {
                using var listener = new TcpListener(IPAddress.Parse(options.Address), port);
                listener.Start();
            }
            catch (SocketException e)
            {
                throw new SetupException($"The port {port} of {options.Address} cannot be had: {e.Message}", e);
            }
        }
    }

    private static void RequireDatabase(LedgerOptions options)
    {
        if (options.ConnectionString.Length == 0)
        {
            EmbeddedPostgres.RequireFit(LedgerHost.PostgresIn(options));
            return;
        }

        try
        {
            options.ConnectionString = DatabaseConnection.Safe(options.ConnectionString);
        }
        catch (FormatException e)
        {
            throw new SetupException($"Ledger:ConnectionString: {e.Message}", e);
        }
    }

    private static void RequireFolderOf(string name, string file)
    {
        if (file.Length > 0 && !Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(file))))
        {
            throw new SetupException($"{name} is in a folder that does not exist: {file}");
        }
    }
}
