using Ledger.Domain.Common;
using Ledger.Domain.Partenariats;

namespace Ledger.Domain.Habilitations;

/// <summary>Whether somebody could act on rights at an instant, and by which event.</summary>
/// <param name="Held">Whether the actor could.</param>
/// <param name="Because">The position of the event that says so; null where none does.</param>
public readonly record struct Office(bool Held, long? Because)
{
    /// <summary>The position of an act, and of the event for which it was one without office.</summary>
    public IEnumerable<long> Cited(long act) => this is { Held: false, Because: { } ended } ? [act, ended] : [act];
}

/// <summary>
/// Who may give rights: art. 9.1. Délégué: a gestionnaire of the partner, in office at that moment. Centralisé: the
/// Caf, on the partner's request.
/// </summary>
public static class GrantingRule
{
    /// <summary>Whether the actor may grant at an instant, and the position of the event that says so.</summary>
    public static Office Judge(Partenariat partenariat, Actor actor, DateTimeOffset at)
    {
        var mode = partenariat.Mode().At(at);
        if (mode.Value == HabilitationMode.Centralise)
        {
            return new(IsOfTheCaf(partenariat, actor), mode.Because);
        }

        var office = partenariat.Gestionnaire(actor.Human).At(at);
        return new(actor.Siret == partenariat.Convention.Siret && office.Value, office.Because);
    }

    /// <summary>
    /// Whether a grant was made by somebody entitled to, with what is known, and the positions that say so. In
    /// centralisé mode it needs the partner's request.
    /// </summary>
    public static (bool Entitled, IReadOnlyList<long> Because) Judge(Partenariat partenariat, Habilitation.Grant grant)
    {
        var office = Judge(partenariat, grant.Actor, grant.At);
        var because = office.Because is { } position ? new List<long> { position } : [];
        if (partenariat.Mode().At(grant.At).Value != HabilitationMode.Centralise)
        {
            return (office.Held, because);
        }

        var id = grant.Event.Habilitation;
        var request = partenariat.RequestFor(id, before: grant.Position);
        because.AddRange(request is null ? [] : [request.Position]);
        because.AddRange(partenariat.RectificationsOf(id));
        return (office.Held && request is not null, because);
    }

    /// <summary>Whether the actor may act on rights: as one who grants, or as the Caf, which supervises.</summary>
    public static Office Office(Partenariat partenariat, Actor actor, DateTimeOffset at) =>
        IsOfTheCaf(partenariat, actor) ? new(true, null) : Judge(partenariat, actor, at);

    /// <summary>Whether the actor belongs to the convention's Caf.</summary>
    public static bool IsOfTheCaf(Partenariat partenariat, Actor actor) => actor.Caf == partenariat.Convention.Caf;

    /// <summary>Refuses an actor who may not grant.</summary>
    /// <exception cref="RefusedException">
    /// Rules <c>gestionnaire-in-office</c> and <c>caf-grants-in-centralise</c>.
    /// </exception>
    public static void RequireGrantor(this Partenariat partenariat, Actor actor, DateTimeOffset at)
    {
        if (Judge(partenariat, actor, at).Held)
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
