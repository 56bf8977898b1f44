using System.Globalization;
using Ledger.Domain.Common;
using Ledger.Domain.Consultations;
using Ledger.Domain.Knowing;

namespace Ledger.Domain.Procedures;

/// <summary>
/// What is kept from an allocataire who asks who read her file (art. 15 RGPD), under a judicial requisition or an open
/// investigation, until a decision releases it.
/// </summary>
public static class Withholdings
{
    /// <summary>The step that withholds.</summary>
    public const string Withheld = "disclosures-withheld";

    /// <summary>The step that releases.</summary>
    public const string Released = "disclosures-released";

    /// <summary>On what it rests: a requisition or an investigation.</summary>
    public const string Basis = "basis";

    /// <summary>The requisition's reference, or the identifier of the investigation.</summary>
    public const string Reference = "reference";

    private const string Requisition = "requisition";
    private const string Investigation = "investigation";

    /// <summary>The withholdings that nothing has released: what is known now decides.</summary>
    public static IReadOnlyList<Procedure> Standing(Knowledge now) =>
        [.. now.Procedures.Where(p => p.Kind.Name == Kind && !p.Steps(Released).Any())];

    /// <summary>
    /// Of withholdings that stand, the one that a consultation is under, if it is under one: of the Caf whose file it is.
    /// </summary>
    public static Procedure? Over(
        this IReadOnlyList<Procedure> standing,
        ConsultationRecorded consultation,
        long position
    ) =>
        standing.FirstOrDefault(p =>
            p.OpenedBy.Caf == consultation.Caf && p.Steps(Withheld).Any(s => Covers(s.Step, consultation, position))
        );

    /// <summary>The name of the kind of procedure.</summary>
    internal const string Kind = "withholding";

    /// <summary>Refuses a withholding that rests on nothing, or on nothing open, or says of nothing.</summary>
    /// <exception cref="InvalidFieldException">A detail breaks its rule.</exception>
    internal static void Require(ProcedureStep step, Actor actor, Knowledge known)
    {
        switch (step.Details[Basis])
        {
            case Requisition:
                break;
            case Investigation:
                RequireOpen(step.Details[Reference], actor, known);
                break;
            default:
                throw new InvalidFieldException(
                    $"details[{Basis}]",
                    $"A withholding rests on a '{Requisition}' or an '{Investigation}'."
                );
        }

        if (step.About.Count == 0 && !step.Details.ContainsKey(DetailNames.Siret))
        {
            throw new InvalidFieldException(
                "about",
                $"A withholding names the positions of consultations, or the '{DetailNames.Siret}' of a partner."
            );
        }

        step.RequirePartnerOfAgent();
    }

    private static void RequireOpen(string reference, Actor actor, Knowledge known)
    {
        var id = InvalidFieldException.Naming($"details[{Reference}]", () => ProcedureId.Parse(reference));
        if (
            !known.TryFind(id, out var investigation)
            || investigation.Kind.Name != Investigation
            || investigation.OpenedBy.Caf != actor.Caf
            || investigation.Steps("investigation-closed").Any()
        )
        {
            throw new InvalidFieldException(
                $"details[{Reference}]",
                string.Create(CultureInfo.InvariantCulture, $"No investigation '{id}' is open.")
            );
        }
    }

    // Those that it names, and those of the partner or the agent that it names.
    private static bool Covers(ProcedureStep step, ConsultationRecorded c, long position) =>
        step.About.Contains(position)
        || (
            step.Details.TryGetValue(DetailNames.Siret, out var siret)
            && siret == c.Siret.Value
            && (!step.Details.TryGetValue(DetailNames.Agent, out var agent) || agent == c.Agent.Value)
        );
}
