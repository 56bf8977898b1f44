using System.Text.Json.Serialization;
using Ledger.Domain;
using Ledger.Domain.Common;
using Ledger.Domain.Knowing;
using Ledger.Domain.Questions;
using Ledger.Integrity.Checkpoints;
using Ledger.Integrity.Evidence;
using Ledger.Presentation.Evidence;

namespace Ledger.Verify;

/// <summary>What a file of evidence was shown to say.</summary>
/// <param name="Said">What it says.</param>
/// <param name="Question">The question.</param>
/// <param name="KnownAt">The position up to which the ledger was to know.</param>
/// <param name="Origin">Which ledger.</param>
/// <param name="Size">The size of the signed checkpoint.</param>
/// <param name="Answers">How many events the answer is about.</param>
/// <param name="RestsOn">How many more facts its verdicts rest on.</param>
/// <param name="IsIssuedPage">
/// Whether the page is the one that was issued. If not, its data hold, and its words say what somebody made of them.
/// </param>
/// <param name="SeenBy">
/// When an authority saw the log that holds them; null when no timestamp is demanded or inside.
/// </param>
public sealed record EvidenceFinding(
    [property: JsonIgnore] EvidenceStatement Said,
    EvidenceQuestion Question,
    long KnownAt,
    string Origin,
    long Size,
    int Answers,
    int RestsOn,
    bool IsIssuedPage,
    DateTimeOffset? SeenBy
);

/// <summary>
/// Verifies a file of evidence, offline: its proofs, and that its answer is the one that its events give.
/// </summary>
public static class EvidenceVerifier
{
    /// <summary>Verifies by keys that the page adds nothing to.</summary>
    /// <exception cref="FormatException">It does not hold: the message says what.</exception>
    public static EvidenceFinding Run(string file, LogKeys keys, TrustPolicy? policy, TimestampTrust? timestamps) =>
        Run(file, _ => keys, policy, timestamps);

    /// <summary>Verifies.</summary>
    /// <param name="file">The page.</param>
    /// <param name="keysOf">The keys that are trusted, with the successions that the page carries.</param>
    /// <param name="policy">The cosignatures that are demanded; null for none.</param>
    /// <param name="timestamps">The timestamps that are demanded; null for none.</param>
    /// <exception cref="FormatException">It does not hold: the message says what.</exception>
    public static EvidenceFinding Run(
        string file,
        Func<IReadOnlyList<string>, LogKeys> keysOf,
        TrustPolicy? policy,
        TimestampTrust? timestamps
    )
    {
        var evidence = EvidenceFile.Read(file);
        var keys = keysOf(evidence.Successions);
        var proved = EvidenceProof.Verify(evidence, keys, policy);
        var (said, events) = (proved.Said, proved.Events);
        RequireWhole(said, events);
        RequireAnswer(said, events.Select(Decode).ToList());
        var seen = timestamps is null ? [] : EvidenceProof.VerifyTimestamps(evidence, keys, timestamps.Roots);
        var covering = seen.Where(s => events.Count == 0 || s.Size > events[^1].Entry.Position)
            .Select(s => s.Time)
            .Order()
            .ToList();
        if (timestamps is not null && covering.Count == 0)
        {
            throw new FormatException(
                "No timestamp is inside that covers the events asked about, and one is demanded."
            );
        }

        return new EvidenceFinding(
            said,
            said.Question,
            said.KnownAt,
            proved.Checkpoint.Origin,
            proved.Checkpoint.Size,
            said.About.Count,
            said.RestsOn.Except(said.About).Count(),
            EvidenceRendering.IsIssued(file, evidence, proved.Page),
            covering.Count == 0 ? null : covering[0]
        );
    }

    private static Fact Decode(ProvedEvent proved)
    {
        var (context, @event) = EventCodec.Decode(proved.Entry.EventType, proved.Content);
        return new Fact(proved.Entry.Position, proved.Entry.RecordedAt, context, @event);
    }

    // A ledger that leaves out what speaks against somebody leaves a gap in a stream, unless it is the stream's last
    // event.
    private static void RequireWhole(EvidenceStatement said, IReadOnlyList<ProvedEvent> events)
    {
        var restsOn = said.RestsOn.ToHashSet();
        foreach (
            var stream in events
                .Where(e => restsOn.Contains(e.Entry.Position) && EvidenceAnswer.StandsWhole(Decode(e).Event))
                .GroupBy(e => e.Entry.StreamId)
        )
        {
            if (
                !stream
                    .Select(e => e.Entry.StreamVersion)
                    .SequenceEqual(Enumerable.Range(1, stream.Count()).Select(v => (long)v))
            )
            {
                throw new FormatException(
                    $"Events of '{stream.Key}' are left out: some that the answer rests on are missing."
                );
            }
        }
    }

    private static void RequireAnswer(EvidenceStatement said, List<Fact> facts)
    {
        if (facts.Exists(f => f.Position > said.KnownAt))
        {
            throw new FormatException(
                $"An event was recorded after the position {said.KnownAt} up to which the ledger was to know."
            );
        }

        var (about, restsOn) = (said.About.ToHashSet(), said.RestsOn.ToHashSet());
        var files = FilesOf(said, about);
        (IReadOnlyList<EvidenceConsultation> Consultations, IReadOnlyList<EvidenceRight> Rights) answer;
        try
        {
            var (asked, bearing) = (
                facts.FindAll(f => about.Contains(f.Position)),
                facts.FindAll(f => restsOn.Contains(f.Position))
            );
            if (
                !EvidenceAnswer
                    .RestsOn(asked, files, Knowledge.Of(bearing), said.KnownAt)
                    .Select(f => f.Position)
                    .SequenceEqual(said.RestsOn)
            )
            {
                throw new FormatException(
                    "The facts that the answer is said to rest on are not those that bear on it."
                );
            }

            answer = EvidenceAnswers.Of(asked, files, bearing);
        }
        catch (Exception e)
            when (e is UnknownException or InvalidOperationException or KeyNotFoundException or ArgumentException)
        {
            throw new FormatException(
                $"The events do not follow from each other: some that the answer rests on are missing. {e.Message}"
            );
        }

        if (
            !EvidenceStatement.SayTheSame(answer.Consultations, said.Consultations)
            || !EvidenceStatement.SayTheSame(answer.Rights, said.Rights)
        )
        {
            throw new FormatException("The answer is not the one that the events give.");
        }
    }

    // Which file a consultation opened takes the key of its month: the ledger says it, and the log commits to what it
    // says.
    private static SortedDictionary<long, string> FilesOf(EvidenceStatement said, HashSet<long> about)
    {
        var files = new SortedDictionary<long, string>();
        foreach (var (position, dossier) in said.Files)
        {
            if (!about.Contains(position) || !files.TryAdd(position, dossier))
            {
                throw new FormatException($"The file at position {position} is not one that the question is about.");
            }
        }

        return files;
    }
}
