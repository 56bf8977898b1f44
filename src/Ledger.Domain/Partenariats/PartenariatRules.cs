using Ledger.Domain.Common;
using Ledger.Domain.Habilitations;

namespace Ledger.Domain.Partenariats;

internal static class PartenariatRules
{
    public static void RequireCaf(this Partenariat partenariat, Actor actor, string article)
    {
        if (!GrantingRule.IsOfTheCaf(partenariat, actor))
        {
            throw new RefusedException("caf-of-the-convention", article, "Only the Caf of the convention does this.");
        }
    }

    public static void RequireParty(this Partenariat partenariat, Actor actor, string article)
    {
        if (!GrantingRule.IsOfTheCaf(partenariat, actor) && actor.Siret != partenariat.Convention.Siret)
        {
            throw new RefusedException("party-to-the-convention", article, "Only a party to the convention does this.");
        }
    }

    public static void RequireMissions(this Partenariat partenariat, IReadOnlyList<Purpose> purposes, DateTimeOffset at)
    {
        if (purposes.Count == 0)
        {
            throw new InvalidFieldException("purposes", "At least one purpose is named.");
        }

        var outside = purposes.Except(partenariat.Missions().At(at).Value).Order().ToList();
        if (outside.Count > 0)
        {
            throw new RefusedException(
                "purpose-among-missions",
                "8",
                $"Not among the missions of the convention: {string.Join(", ", outside)}."
            );
        }
    }

    /// <summary>The purposes are among those that the partner is enrolled for: art. 3, 8.</summary>
    public static void RequireEnrolled(
        this Partenariat partenariat,
        ServiceCode service,
        IReadOnlyList<Purpose> purposes,
        DateTimeOffset at
    )
    {
        var outside = purposes.Except(partenariat.Enrolment(service).At(at).Value?.Purposes ?? []).Order().ToList();
        if (outside.Count > 0)
        {
            throw new RefusedException(
                "purpose-enrolled",
                "3, 8",
                $"Not among the purposes of the enrolment for '{service}': {string.Join(", ", outside)}."
            );
        }
    }

    /// <summary>After the end of a convention nothing new is done under it: art. 17.2.</summary>
    public static void RequireNotEnded(this Partenariat partenariat, DateTimeOffset at, string what)
    {
        if (partenariat.HasEnded(at))
        {
            throw new RefusedException(
                "convention-ended",
                "17.2",
                $"{what} under a convention that has not ended: it has on {LegalTime.DayOf(at):yyyy-MM-dd}."
            );
        }
    }

    /// <summary>What the Caf records for the partner cites the partner's document.</summary>
    public static void RequireDocument(this Partenariat partenariat, EventContext context, string article)
    {
        if (GrantingRule.IsOfTheCaf(partenariat, context.Actor) && string.IsNullOrEmpty(context.Act))
        {
            throw new RefusedException(
                "document-of-the-partenaire",
                article,
                "What the Caf records for the partner cites the partner's document."
            );
        }
    }
}
