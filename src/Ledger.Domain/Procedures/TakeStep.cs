using Ledger.Domain.Common;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Knowing;
using Ledger.Domain.Partenariats;
using Ledger.Domain.Retention;

namespace Ledger.Domain.Procedures;

/// <summary>
/// A party takes a step of a procedure. Which may be taken, by whom and with which details is in <see
/// cref="ProcedureTable"/>.
/// </summary>
/// <param name="Name">The step's name, such as <c>meeting-requested</c>.</param>
/// <param name="Step">What it says.</param>
public sealed record TakeStep(string Name, ProcedureStep Step) : ICommand
{
    /// <inheritdoc/>
    public IReadOnlyList<LedgerEvent> Decide(Knowledge known, EventContext context, DateTimeOffset now)
    {
        var (kind, rule) = ProcedureTable.Of(Name);
        if (kind.Name == ApplyRetention.Kind)
        {
            throw new InvalidFieldException("step", "What retention does away with is recorded by what applies it.");
        }

        InvalidFieldException.Naming("on", () => LegalTime.PastDay(Step.On, now, "A step"));
        known.TryFind(Step.Procedure, out var procedure);
        RequireOrder(kind, rule, procedure);
        RequireParty(known, kind, rule, context, procedure);
        RequireDetails(rule, now);
        RequireIdentifiers();
        if (rule.Name == "minutes-drafted")
        {
            RequireTurn(known);
        }

        if (rule.Name == Withholdings.Withheld)
        {
            Withholdings.Require(Step, context.Actor, known);
        }

        if (rule.Name == LegalHold.Placed)
        {
            LegalHold.Require(Step);
        }

        return [rule.Make(Step)];
    }

    private void RequireOrder(ProcedureKind kind, StepRule rule, Procedure? procedure)
    {
        if (procedure is null)
        {
            if (rule.After is not null)
            {
                throw new UnknownException(
                    "procedure",
                    $"No procedure '{Step.Procedure}' is open: it begins with '{kind.Steps[0].Name}'."
                );
            }

            return;
        }

        if (procedure.Kind != kind)
        {
            throw new RefusedException(
                "one-kind-a-procedure",
                kind.Article,
                $"'{Step.Procedure}' is a procedure of kind '{procedure.Kind.Name}', which has no step '{rule.Name}'."
            );
        }

        if (rule.After is { } after && !procedure.Steps(after).Any())
        {
            throw new RefusedException("step-in-order", kind.Article, $"'{rule.Name}' comes after '{after}'.");
        }

        if (rule.Until is { } end && procedure.Steps(end).Any())
        {
            throw new RefusedException("step-in-order", kind.Article, $"'{rule.Name}' does not come after '{end}'.");
        }

        if (!rule.Again && procedure.Steps(rule.Name).Any())
        {
            throw new RefusedException(
                "step-once",
                kind.Article,
                $"'{rule.Name}' is already recorded in '{Step.Procedure}'."
            );
        }

        if (rule.After is { } before && procedure.Steps(before).All(s => s.Step.On > Step.On))
        {
            throw new InvalidFieldException("on", $"'{rule.Name}' does not come before '{before}'.");
        }
    }

    private void RequireParty(
        Knowledge known,
        ProcedureKind kind,
        StepRule rule,
        EventContext context,
        Procedure? procedure
    )
    {
        if (rule.By is { } party && Step.By != party)
        {
            throw new RefusedException("step-of-a-party", kind.Article, $"'{rule.Name}' is taken by the {party}.");
        }

        if (procedure is not null && procedure.Opening.Convention != Step.Convention)
        {
            throw new InvalidFieldException(
                "convention",
                "A procedure stays under the convention that it was opened under."
            );
        }

        if (Step.Convention is { } convention)
        {
            // The Caf may record what the partner did, on the partner's letter; the partner only what it did itself.
            var partenariat = known.Require(convention);
            partenariat.RequireParty(context.Actor, kind.Article);
            if (Step.By == Party.Caf && !GrantingRule.IsOfTheCaf(partenariat, context.Actor))
            {
                throw new RefusedException(
                    "caf-of-the-convention",
                    kind.Article,
                    "Only the Caf of the convention records what the Caf does."
                );
            }
        }
        else if (kind.NeedsConvention)
        {
            throw new InvalidFieldException("convention", $"A procedure of kind '{kind.Name}' is under a convention.");
        }
        else if (procedure is not null && procedure.OpenedBy.Caf != context.Actor.Caf)
        {
            throw new RefusedException(
                "caf-of-the-procedure",
                kind.Article,
                "A procedure that is under no convention is gone on with by the Caf that opened it."
            );
        }
        else if (context.Actor.Caf is null)
        {
            throw new RefusedException(
                "caf-outside-conventions",
                kind.Article,
                "Only a Caf records a procedure that is under no convention."
            );
        }
    }

    private void RequireDetails(StepRule rule, DateTimeOffset now)
    {
        foreach (var name in rule.Details)
        {
            if (!Step.Details.TryGetValue(name, out var value) || value.Length == 0)
            {
                throw new InvalidFieldException($"details[{name}]", $"'{rule.Name}' gives its '{name}'.");
            }

            if (name.EndsWith(DetailNames.DateSuffix, StringComparison.Ordinal))
            {
                InvalidFieldException.Naming(
                    $"details[{name}]",
                    () => LegalTime.Day(Step.Date(name), now, "This date, which is yyyy-MM-dd,")
                );
            }
        }
    }

    // Whom a step is about, and how long a case lasts, is looked for by these: they must be what they say.
    private void RequireIdentifiers()
    {
        if (Step.Details.ContainsKey(DetailNames.ExpiresOn))
        {
            Cases.RequireExpiry(Step);
        }

        if (Step.Details.TryGetValue(DetailNames.Siret, out var siret))
        {
            InvalidFieldException.Naming($"details[{DetailNames.Siret}]", () => Siret.Parse(siret));
        }

        if (Step.Details.TryGetValue(DetailNames.Agent, out var agent))
        {
            InvalidFieldException.Naming($"details[{DetailNames.Agent}]", () => AgentId.Parse(agent));
        }
    }

    // Art. 16: the parties draft the minutes in turn.
    private void RequireTurn(Knowledge known)
    {
        var last = known
            .Procedures.Where(p =>
                p.Kind.Name == "meeting" && p.Opening.Convention == Step.Convention && p.Id != Step.Procedure
            )
            .SelectMany(p => p.Steps("minutes-drafted"))
            .OrderBy(s => s.Step.On)
            .ThenBy(s => s.Fact.Position)
            .LastOrDefault();
        if (last.Step?.By == Step.By)
        {
            throw new RefusedException(
                "minutes-in-turn",
                "16",
                $"The {Step.By} drafted the last minutes: it is the other party's turn."
            );
        }
    }
}
