using Caf.Ledger.V1;
using Google.Protobuf.WellKnownTypes;
using Spectre.Console;

namespace Ledger.Cli.Commands;

/// <summary>How answers look to a person.</summary>
internal static class Tables
{
    public static Table Of(WhoCouldAccessResponse answer)
    {
        var table = New("agent", "partner", "service", "profile", "purposes", "since", "until", "because");
        foreach (var r in answer.Rights)
        {
            Row(table, r.Agent, r.Siret, r.Service, r.Profil, string.Join(", ", r.Purposes), Day(r.From), Day(r.Until), Positions(r.Because));
        }

        return table;
    }

    public static Table Of(IEnumerable<ConsultationFound> consultations)
    {
        var table = New("position", "when", "agent", "purpose", "file", "as known then", "as known at");
        foreach (var c in consultations)
        {
            Row(table, $"{c.Position}", Minute(c.OccurredAt), c.Agent, c.Purpose, c.BusinessFile, Verdict(c.AsKnownThen), Verdict(c.AsKnownAt));
        }

        return table;
    }

    public static Table Of(GetRightsTimelineResponse answer)
    {
        var table = New("habilitation", "service", "profile", "from", "until", "state", "because");
        foreach (var h in answer.Habilitations)
        {
            foreach (var s in h.Segments)
            {
                Row(table, h.Habilitation, h.Service, h.Profil, Minute(s.From), Minute(s.Until),
                    s.Effective ? "effective" : string.Join(", ", s.Missing), Positions(s.Because));
            }
        }

        return table;
    }

    public static Table Of(IEnumerable<ReplayResponse> story)
    {
        var table = New("position", "learnt", "what", "by");
        foreach (var e in story)
        {
            Row(table, $"{e.Position}", Minute(e.RecordedAt), e.Type, e.Actor.Id);
        }

        return table;
    }

    public static string Verdict(Verdict verdict) => verdict.Authorised ? "authorised" : $"irregular: {string.Join(", ", verdict.Reasons)}";

    public static string Positions(IEnumerable<long> positions) => string.Join(" ", positions);

    private static Table New(params string[] columns)
    {
        var table = new Table().Border(TableBorder.Rounded);
        foreach (var column in columns)
        {
            table.AddColumn(column);
        }

        return table;
    }

    // Verdicts get a colour; every text is taken as it is, never as markup.
    private static void Row(Table table, params string[] cells) => table.AddRow(cells.Select(c =>
        c.StartsWith("irregular", StringComparison.Ordinal) ? new Text(c, new Style(Color.Red)) : c == "authorised" ? new Text(c, new Style(Color.Green)) : new Text(c)));

    private static string Day(Timestamp? instant) => instant is null ? "—" : $"{instant.ToDateTimeOffset():yyyy-MM-dd}";

    private static string Minute(Timestamp? instant) => instant is null ? "—" : $"{instant.ToDateTimeOffset():yyyy-MM-dd HH:mm}";
}
