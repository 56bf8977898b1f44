using Ledger.Domain;
using Ledger.Domain.Common;
using Ledger.Domain.Questions;
using Ledger.Integrity.Checkpoints;
using Ledger.Integrity.Evidence;

namespace Ledger.Verify;

/// <summary>What a file of evidence was shown to say.</summary>
/// <param name="Question">The question.</param>
/// <param name="Origin">Which ledger.</param>
/// <param name="Size">The size of the signed checkpoint.</param>
/// <param name="Answers">How many events the answer is about.</param>
/// <param name="RestsOn">How many more facts its verdicts rest on.</param>
/// <param name="SeenBy">When an authority saw the log that holds them; null when no timestamp is demanded or inside.</param>
public sealed record EvidenceFinding(string Question, string Origin, long Size, int Answers, int RestsOn, DateTimeOffset? SeenBy);

/// <summary>Verifies a file of evidence, offline: its proofs, and that its answer is the one that its events give.</summary>
public static class EvidenceVerifier
{
    /// <summary>Verifies.</summary>
    /// <exception cref="FormatException">It does not hold: the message says what.</exception>
    public static EvidenceFinding Run(string file, NoteVerifier key, TrustPolicy? policy, TimestampTrust? timestamps)
    {
        var evidence = EvidenceFile.Read(file);
        var (checkpoint, said, events) = EvidenceProof.Verify(evidence, key, policy);
        RequireAnswer(said, events.Select(Decode).ToList());
        var seen = timestamps is null ? [] : EvidenceProof.VerifyTimestamps(evidence, key, timestamps.Roots);
        if (timestamps is not null && seen.Count == 0)
        {
            throw new FormatException("No timestamp is inside, and one is demanded.");
        }

        return new EvidenceFinding(
            said.Question, checkpoint.Origin, checkpoint.Size, said.About.Count, said.RestsOn.Except(said.About).Count(),
            seen.Count == 0 ? null : seen.Min(s => s.Time));
    }

    private static Fact Decode(ProvedEvent proved)
    {
        var (context, @event) = EventCodec.Decode(proved.Entry.EventType, proved.Content);
        return new Fact(proved.Entry.Position, proved.Entry.RecordedAt, context, @event);
    }

    private static void RequireAnswer(EvidenceStatement said, List<Fact> facts)
    {
        if (facts.Exists(f => f.Position > said.KnownAt))
        {
            throw new FormatException($"An event was recorded after the position {said.KnownAt} up to which the ledger was to know.");
        }

        var (about, restsOn) = (said.About.ToHashSet(), said.RestsOn.ToHashSet());
        IReadOnlyList<AnswerTable> answer;
        try
        {
            answer = EvidenceAnswer.Of(facts.FindAll(f => about.Contains(f.Position)), facts.FindAll(f => restsOn.Contains(f.Position)));
        }
        catch (Exception e) when (e is UnknownException or InvalidOperationException or KeyNotFoundException or ArgumentException)
        {
            throw new FormatException($"The events do not follow from each other: some that the answer rests on are missing. {e.Message}");
        }

        if (!answer.Select(t => new EvidenceTable(t.Title, t.Columns, t.Rows)).Select(Flat).SequenceEqual(said.Answer.Select(Flat)))
        {
            throw new FormatException("The answer is not the one that the events give.");
        }
    }

    private static string Flat(EvidenceTable table) => string.Join('\u001e', [table.Title, string.Join('\u001f', table.Columns), .. table.Rows.Select(r => string.Join('\u001f', r))]);
}
