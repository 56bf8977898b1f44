using System.Globalization;
using Caf.Ledger.V1;
using Google.Protobuf.WellKnownTypes;
using Ledger.Presentation;

namespace Ledger.Answers;

/// <summary>How the parts of answers are written in cells.</summary>
/// <param name="say">In which language.</param>
internal sealed class Writing(Words say)
{
    private const string None = "—";

    /// <summary>An instant in Paris.</summary>
    public Cell Moment(Timestamp? instant) =>
        instant is null
            ? new Cell(None)
            : new Cell(say.ShortInstant(instant.ToDateTimeOffset())) { Order = Ordered(instant) };

    /// <summary>A bound: the day alone, where it is the start of one.</summary>
    public Cell Bound(Timestamp? instant) =>
        instant is null
            ? new Cell(None)
            : new Cell(say.ShortBound(instant.ToDateTimeOffset())) { Order = Ordered(instant) };

    /// <summary>A day, from yyyy-MM-dd.</summary>
    public Cell Day(string day) =>
        DateOnly.TryParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var read)
            ? new Cell(say.ShortDay(read)) { Order = day }
            : None;

    /// <summary>A number.</summary>
    public Cell Number(long number) => new Cell(say.Number(number)) { Order = Ordered(number) };

    /// <summary>A partner.</summary>
    public static Cell Partner(string siret) =>
        new(Words.Grouped(siret)) { About = siret.Length == 0 ? null : new Account { Siret = siret } };

    /// <summary>An agent of a partner.</summary>
    public static Cell Agent(string siret, string agent) =>
        new(agent)
        {
            About = siret.Length == 0 || agent.Length == 0 ? null : new Account { Siret = siret, Agent = agent },
        };

    /// <summary>A service.</summary>
    public static Cell Service(string service) => new(service) { Service = service };

    /// <summary>A position.</summary>
    public static Cell Position(long position) => Positions([position]);

    /// <summary>Positions.</summary>
    public static Cell Positions(IReadOnlyList<long> positions) =>
        new(string.Join(' ', positions)) { Acts = positions, Order = Ordered(positions.Count == 0 ? 0 : positions[0]) };

    /// <summary>A verdict.</summary>
    public Cell Verdict(Verdict verdict) =>
        say.Told(verdict) is var told && verdict.Authorised ? Cell.Good(told)
        : verdict.Forgotten ? told
        : Cell.Bad(told);

    /// <summary>Who acted, and for which organisation.</summary>
    public static string Author(Actor actor) =>
        (actor.HasCaf, actor.HasSiret) switch
        {
            (true, _) => $"{Who(actor)} (Caf {actor.Caf})",
            (_, true) => $"{Who(actor)} ({Words.Grouped(actor.Siret)})",
            _ => Who(actor),
        };

    /// <summary>With which knowledge an answer is given.</summary>
    public string Basis(Basis basis) => say.Say("answers.basis", ("position", $"{basis.KnownPosition}"));

    private static string Who(Actor actor) => actor.BearerId.Length == 0 ? actor.Id : $"{actor.Id}, {actor.BearerId}";

    private static string Ordered(Timestamp instant) =>
        instant.ToDateTimeOffset().ToString("O", CultureInfo.InvariantCulture);

    private static string Ordered(long number) => number.ToString("D19", CultureInfo.InvariantCulture);
}
