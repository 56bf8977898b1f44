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
            Row(
                table,
                r.Agent,
                r.Siret,
                r.Service,
                r.Profil,
                string.Join(", ", r.Purposes),
                Day(r.From),
                Day(r.Until),
                Positions(r.Because)
            );
        }

        return table;
    }

    public static Table Of(GetAnchorsResponse answer)
    {
        var table = New("anchor", "anchored", "behind", "reached", "failure");
        foreach (var a in answer.Anchors)
        {
            Row(
                table,
                a.Name,
                $"{a.Size}",
                $"{Math.Max(0, answer.Size - a.Size)}",
                a.ReachedAt is null ? "never" : Minute(a.ReachedAt),
                a.Contradicts ? $"CONTRADICTS: {a.Failure}" : a.Failure
            );
        }

        return table;
    }

    public static Table Of(IEnumerable<ConsultationFound> consultations)
    {
        var table = New("position", "when", "agent", "purpose", "file", "as known then", "as known at");
        foreach (var c in consultations)
        {
            Row(
                table,
                $"{c.Position}",
                Minute(c.OccurredAt),
                c.Agent,
                c.Purpose,
                c.BusinessFile,
                Verdict(c.AsKnownThen),
                c.RectifiedBy is { } by ? $"rectified at {by.Position}: counts for nothing" : Verdict(c.AsKnownAt)
            );
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
                Row(
                    table,
                    h.Habilitation,
                    h.Service,
                    h.Profil,
                    Minute(s.From),
                    Minute(s.Until),
                    s.Effective ? "effective" : string.Join(", ", s.Missing),
                    Positions(s.Because)
                );
            }
        }

        return table;
    }

    public static Table Of(IEnumerable<ReplayResponse> story)
    {
        var table = New("position", "learnt", "by", "what");
        foreach (var e in story)
        {
            Row(table, $"{e.Position}", Minute(e.RecordedAt), e.Actor.Id, e.Sentence);
        }

        return table;
    }

    public static Table Of(IEnumerable<Finding> findings)
    {
        var table = New("what", "on", "days", "finding", "because");
        foreach (var f in findings)
        {
            Row(table, f.Kind, f.On.Length == 0 ? "—" : f.On, $"{f.Days}", f.Sentence, Positions(f.Because));
        }

        return table;
    }

    public static Table Of(IEnumerable<Alert> alerts)
    {
        var table = New("alert", "rule", "certain", "why", "positions", "outcome");
        foreach (var a in alerts)
        {
            Row(
                table,
                a.Alert_,
                $"{a.Rule} {a.RuleVersion}",
                a.Certain ? "yes" : "no",
                a.Sentence,
                Positions(a.Because),
                a.Outcome
            );
        }

        return table;
    }

    public static Table Of(Alert alert, IEnumerable<Act> acts)
    {
        var table = New("position", "learnt", "event", "by", "what it says");
        table.Title = new TableTitle(Markup.Escape($"{alert.Rule} {alert.RuleVersion}: {alert.Sentence}"));
        foreach (var a in acts)
        {
            Row(table, $"{a.Position}", Minute(a.RecordedAt), a.Type, a.Actor.Id, a.Sentence);
        }

        return table;
    }

    public static Table Of(IEnumerable<Disclosure> disclosures, IEnumerable<WithheldDisclosure> withheld)
    {
        var table = New("recipient", "when", "service", "purpose", "data", "verdict", "staff");
        foreach (var d in disclosures)
        {
            Row(
                table,
                d.Siret,
                Minute(d.OccurredAt),
                d.Service,
                d.Purpose,
                string.Join(", ", d.Categories),
                d.Rectified ? "rectified: counts for nothing" : Verdict(d.Verdict),
                d.Agent.Length == 0 ? "withheld" : d.Agent
            );
        }

        foreach (var w in withheld)
        {
            var why = $"kept from her by '{w.Procedure}' ({w.Basis})";
            Row(
                table,
                $"position {w.Position}",
                string.Empty,
                string.Empty,
                string.Empty,
                string.Empty,
                why,
                "withheld"
            );
        }

        return table;
    }

    public static Table Of(IEnumerable<TraceRead> reads)
    {
        var table = New("position", "when", "by", "question", "of", "on request");
        foreach (var r in reads)
        {
            Row(
                table,
                $"{r.Position}",
                Minute(r.RecordedAt),
                $"{r.Actor.Caf}/{r.Actor.Id}",
                r.Question,
                r.Of,
                r.TraceRequest
            );
        }

        return table;
    }

    public static Table Of(GetBlastRadiusResponse radius)
    {
        var table = New("what", "how many, or which");
        Row(table, "consultations", $"{radius.Consultations}");
        Row(table, "files (once a month)", $"{radius.Files}");
        Row(table, "accounts", string.Join(", ", radius.Accounts.Select(a => $"{a.Siret}/{a.Agent}")));
        Row(table, "addresses", string.Join(", ", radius.Addresses));
        Row(table, "services", string.Join(", ", radius.Services));
        Row(table, "data", string.Join(", ", radius.Categories));
        Row(table, "from, to", $"{Minute(radius.First)} to {Minute(radius.Last)}");
        return table;
    }

    public static Table Of(GetPeriodProofResponse proof)
    {
        var table = New("what", "value");
        Row(table, "positions", proof.FirstPosition < 0 ? "none" : $"{proof.FirstPosition} to {proof.LastPosition}");
        Row(
            table,
            "checkpoint before",
            proof.OldCheckpoint.Length == 0 ? "none: the period begins with the log" : proof.OldCheckpoint.TrimEnd()
        );
        Row(
            table,
            "checkpoint that covers it",
            proof.Checkpoint.Length == 0 ? "not published yet" : proof.Checkpoint.TrimEnd()
        );
        Row(table, "consistency proof", string.Join("\n", proof.ConsistencyProof.Select(h => h.ToBase64())));
        return table;
    }

    public static Table Of(DraftAnnualReviewResponse review)
    {
        var table = New("section", "what", "value", "because");
        table.Title = new TableTitle(
            Markup.Escape($"{review.From} to {review.Until}, digest {review.Digest.ToBase64()}")
        );
        foreach (var l in review.Lines)
        {
            Row(table, l.Section, l.Label, l.Value, Positions(l.Because));
        }

        return table;
    }

    public static string Verdict(Verdict verdict) =>
        verdict.Authorised ? "authorised"
        : verdict.Forgotten ? "can no longer be told"
        : $"irregular: {string.Join(", ", verdict.Reasons)}";

    public static string Positions(IEnumerable<long> positions) => string.Join(" ", positions);

    internal static Table New(params string[] columns)
    {
        var table = new Table().Border(TableBorder.Rounded);
        foreach (var column in columns)
        {
            table.AddColumn(column);
        }

        return table;
    }

    // Verdicts get a colour; every text is taken as it is, never as markup.
    internal static void Row(Table table, params string[] cells) =>
        table.AddRow(
            cells.Select(c =>
                c.StartsWith("irregular", StringComparison.Ordinal) ? new Text(c, new Style(Color.Red))
                : c == "authorised" ? new Text(c, new Style(Color.Green))
                : new Text(c)
            )
        );

    private static string Day(Timestamp? instant) => instant is null ? "—" : $"{instant.ToDateTimeOffset():yyyy-MM-dd}";

    private static string Minute(Timestamp? instant) =>
        instant is null ? "—" : $"{instant.ToDateTimeOffset():yyyy-MM-dd HH:mm}";
}
