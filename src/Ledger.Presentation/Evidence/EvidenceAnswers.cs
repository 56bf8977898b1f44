using Ledger.Domain.Common;
using Ledger.Domain.Questions;
using Ledger.Domain.Rights;
using Ledger.Integrity.Evidence;

namespace Ledger.Presentation.Evidence;

/// <summary>
/// The answer of evidence as data, from its facts alone. The service writes it, and whoever verifies makes it again.
/// </summary>
public static class EvidenceAnswers
{
    /// <summary>The verdicts and the rights that these facts give.</summary>
    /// <param name="about">The events that the question is about, in the order of the log.</param>
    /// <param name="dossiers">The files of the consultations among them, by position, where they can be told.</param>
    /// <param name="restsOn">The facts that <see cref="EvidenceAnswer.RestsOn"/> gave.</param>
    public static (IReadOnlyList<EvidenceConsultation> Consultations, IReadOnlyList<EvidenceRight> Rights) Of(
        IReadOnlyList<Fact> about,
        IReadOnlyDictionary<long, string> dossiers,
        IReadOnlyList<Fact> restsOn
    )
    {
        var (uses, rights) = EvidenceAnswer.Of(about, dossiers, restsOn);
        return ([.. uses.Select(Consultation)], [.. rights.Select(Right)]);
    }

    private static EvidenceConsultation Consultation(JudgedUse use) =>
        new(use.Position, [.. use.AsKnown.Reasons.Select(ReasonNames.Of)], use.AsKnown.Because, use.RectifiedBy);

    private static EvidenceRight Right(StandingRight right)
    {
        var (granted, segment) = (right.Habilitation.Granted, right.Segment);
        return new(
            granted.Event.Habilitation.Value,
            right.Siret.Value,
            granted.Agent.Value,
            granted.Service.Value,
            granted.Profil.Value,
            segment.From == DateTimeOffset.MinValue ? null : segment.From,
            segment.Until == DateTimeOffset.MaxValue ? null : segment.Until,
            [.. segment.Missing.Select(ReasonNames.Of)],
            segment.Because
        );
    }
}
