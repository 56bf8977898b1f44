using Caf.Ledger.V1;
using Google.Protobuf.WellKnownTypes;
using Ledger.Answers;
using Ledger.Presentation;

namespace Ledger.Cli.Answers;

/// <summary>How the parts of answers are written in cells.</summary>
internal static class Writing
{
    public static Cell Moment(Timestamp? instant) =>
        instant is null ? "—" : Words.Spoken.ShortInstant(instant.ToDateTimeOffset());

    public static Cell Bound(Timestamp? instant) =>
        instant is null ? "—" : Words.Spoken.ShortBound(instant.ToDateTimeOffset());

    public static Cell Day(string day) =>
        DateOnly.TryParseExact(
            day,
            "yyyy-MM-dd",
            System.Globalization.CultureInfo.InvariantCulture,
            System.Globalization.DateTimeStyles.None,
            out var read
        )
            ? Words.Spoken.ShortDay(read)
            : "—";

    public static Cell Partner(string siret) => Words.Grouped(siret);

    public static Cell Positions(IEnumerable<long> positions) => string.Join(' ', positions);

    public static Cell Verdict(Verdict verdict) =>
        Words.Spoken.Told(verdict) is var told && verdict.Authorised ? Cell.Good(told)
        : verdict.Forgotten ? told
        : Cell.Bad(told);

    public static string Author(Actor actor) =>
        (actor.HasCaf, actor.HasSiret) switch
        {
            (true, _) => $"{Who(actor)} (Caf {actor.Caf})",
            (_, true) => $"{Who(actor)} ({Words.Grouped(actor.Siret)})",
            _ => Who(actor),
        };

    public static string Basis(Basis basis) =>
        Words.Spoken.Say("answers.basis", ("position", $"{basis.KnownPosition}"));

    private static string Who(Actor actor) => actor.BearerId.Length == 0 ? actor.Id : $"{actor.Id}, {actor.BearerId}";
}
