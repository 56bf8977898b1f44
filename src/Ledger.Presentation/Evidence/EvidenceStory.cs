using System.Text;
using Ledger.Domain;
using Ledger.Domain.Common;
using Ledger.Domain.Consultations;
using Ledger.Domain.Dossiers;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Knowing;
using Ledger.Domain.Partenariats;
using Ledger.Domain.Procedures;
using Ledger.Domain.Rights;
using Ledger.Integrity.Entries;
using Ledger.Integrity.Evidence;

namespace Ledger.Presentation.Evidence;

/// <summary>The data of evidence, read for those who make a page of them. Nothing of them is proved here.</summary>
internal sealed class EvidenceStory
{
    private readonly Dictionary<long, Fact> _facts;

    public EvidenceStory(EvidenceStatement said, IReadOnlyList<EvidenceEvent> events, Words words)
    {
        (Said, Words) = (said, words);
        Digest = EvidenceStatement.DigestOf(said.ToJson());
        Entries = [.. events.Select(e => (Parse(e), e.Content))];
        _facts = events.Select(Decode).ToDictionary(f => f.Position);
        RestsOn = [.. Said.RestsOn.Select(At).OfType<Fact>()];
        Known = Knowledge.Of(RestsOn);
        Consultations =
        [
            .. (
                from judged in Said.Consultations
                let fact = At(judged.Position)
                let opened = fact?.Event as ConsultationRecorded
                where opened is not null
                orderby opened.OccurredAt, judged.Position
                select new EvidenceUse(fact, opened, judged)
            ),
        ];
        Acts =
        [
            .. _facts
                .Values.Where(f => f.Event is not ConsultationRecorded)
                .OrderBy(f => RankOf(f.Event))
                .ThenBy(f => f.Position),
        ];
    }

    public EvidenceStatement Said { get; }

    public Words Words { get; }

    /// <summary>Every entry with its content.</summary>
    public IReadOnlyList<(Entry Entry, byte[] Content)> Entries { get; }

    /// <summary>What the verdicts rest on.</summary>
    public IReadOnlyList<Fact> RestsOn { get; }

    public Knowledge Known { get; }

    /// <summary>The consultations, in the order in which they took place.</summary>
    public IReadOnlyList<EvidenceUse> Consultations { get; }

    /// <summary>Everything else, in the order of the law: convention, service, gestionnaire, agent, right, file.</summary>
    public IReadOnlyList<Fact> Acts { get; }

    /// <summary>The digest of the statement that the log holds, in base64.</summary>
    public string Digest { get; }

    /// <summary>How one asks for this evidence again: the Caf, the day in Paris, and eight digits of the digest.</summary>
    public string Reference =>
        $"{Said.Question.Caf}-{LegalTime.DayOf(Said.Question.AskedAt):yyyyMMdd}-"
        + Convert.ToHexStringLower(Convert.FromBase64String(Digest).AsSpan(0, 4));

    public Fact? At(long position) => _facts.GetValueOrDefault(position);

    /// <summary>What was learnt after a consultation that its second verdict rests on.</summary>
    public IEnumerable<Fact> LearntAfter(EvidenceUse use) =>
        use.Differs ? use.Judged.Because.Where(p => p > use.Fact.Position).Select(At).OfType<Fact>() : [];

    private static Fact Decode(EvidenceEvent e)
    {
        var entry = Parse(e);
        var (context, @event) = EventCodec.Decode(entry.EventType, e.Content);
        return new Fact(entry.Position, entry.RecordedAt, context, @event);
    }

    private static Entry Parse(EvidenceEvent e) => Entry.Parse(Encoding.UTF8.GetBytes(e.Entry));

    private static int RankOf(LedgerEvent @event) =>
        @event switch
        {
            CatalogueVersionPublished => 0,
            ServiceOpened or ServiceClosed or EnrolmentSigned => 2,
            GestionnaireDesignated or GestionnaireRevoked => 3,
            IAgentEvent or HabilitationRequested or HabilitationRefused => 4,
            PartenariatEvent => 1,
            HabilitationEvent => 5,
            DossierEvent => 6,
            ProcedureEvent => 7,
            _ => 8,
        };
}

/// <summary>A consultation with both verdicts.</summary>
/// <param name="Fact">As it stands in the log.</param>
/// <param name="Opened">The consultation.</param>
/// <param name="Judged">Its second verdict.</param>
internal sealed record EvidenceUse(Fact Fact, ConsultationRecorded Opened, EvidenceConsultation Judged)
{
    public bool WasRegular => Opened.Verdict.Authorised;

    public bool IsRegular => Judged.Reasons.Count == 0;

    public bool IsTold => Judged.RectifiedBy is null && CanTell(Judged.Reasons);

    /// <summary>Whether a verdict of these reasons can still be told: the key of its month is there.</summary>
    public static bool CanTell(IReadOnlyList<string> reasons) =>
        !reasons.Contains(ReasonNames.Of(Reason.FileForgotten));

    /// <summary>Whether one verdict authorises and the other does not.</summary>
    public bool Differs => IsTold && WasRegular != IsRegular;
}
