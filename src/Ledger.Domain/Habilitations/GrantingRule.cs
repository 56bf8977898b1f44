using Ledger.Domain.Common;
using Ledger.Domain.Partenariats;

namespace Ledger.Domain.Habilitations;

/// <summary>
/// Who may give rights: art. 9.1. Délégué: a gestionnaire of the partner, in office at that moment. Centralisé: the
/// Caf.
/// </summary>
public static class GrantingRule
{
    /// <summary>Whether the actor may grant at an instant, and the position of the event that says so.</summary>
    public static (bool Entitled, long? Because) Judge(Partenariat partenariat, Actor actor, DateTimeOffset at)
    {
        var mode = partenariat.Mode().At(at);
        if (mode.Value == HabilitationMode.Centralise)
        {
            return (IsOfTheCaf(partenariat, actor), mode.Because);
        }

        var office = partenariat.Gestionnaire(actor.Human).At(at);
        return (actor.Siret == partenariat.Convention.Siret && office.Value, office.Because);
    }

    /// <summary>Whether the actor belongs to the convention's Caf.</summary>
    public static bool IsOfTheCaf(Partenariat partenariat, Actor actor) => actor.Caf == partenariat.Convention.Caf;

    /// <summary>Refuses an actor who may not grant.</summary>
    /// <exception cref="RefusedException">
    /// Rules <c>gestionnaire-in-office</c> and <c>caf-grants-in-centralise</c>.
    /// </exception>
    public static void RequireGrantor(this Partenariat partenariat, Actor actor, DateTimeOffset at)
    {
        if (Judge(partenariat, actor, at).Entitled)
        {
            return;
        }

        throw partenariat.Mode().At(at).Value == HabilitationMode.Centralise
            ? new RefusedException(
                "caf-grants-in-centralise",
                "9.1",
                "In centralisé mode only the Caf grants, on the partner's request."
            )
            : new RefusedException(
                "gestionnaire-in-office",
                "9.1",
                $"'{actor.Human}' is not a gestionnaire of this partner in office at that moment."
            );
    }

    /// <summary>
    /// Refuses an actor who may neither grant nor, as the Caf, supervise: the Caf may always suspend or end a right
    /// (art. 9.2).
    /// </summary>
    /// <exception cref="RefusedException">
    /// Rules <c>gestionnaire-in-office</c> and <c>caf-grants-in-centralise</c>.
    /// </exception>
    public static void RequireGrantorOrCaf(this Partenariat partenariat, Actor actor, DateTimeOffset at)
    {
        if (!IsOfTheCaf(partenariat, actor))
        {
            partenariat.RequireGrantor(actor, at);
        }
    }
}
