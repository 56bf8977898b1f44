using Ledger.Domain.Common;
using Ledger.Domain.Knowing;
using Ledger.Domain.Procedures;

namespace Ledger.Domain.Retention;

/// <summary>
/// A hold (gel probatoire) that stands: nothing of what it names is done away with. It names a file, an agent, a partner,
/// a period, or several of these at once; one that names nothing holds everything.
/// </summary>
/// <param name="Id">The procedure.</param>
/// <param name="Position">Where it was placed.</param>
/// <param name="Caf">The Caf that placed it.</param>
/// <param name="File">The lasting pseudonym of a file.</param>
/// <param name="Siret">A partner.</param>
/// <param name="Agent">An agent of that partner.</param>
/// <param name="Begins">The first day of a period.</param>
/// <param name="Ends">The last day of a period.</param>
public sealed record LegalHold(
    ProcedureId Id,
    long Position,
    CafCode Caf,
    string? File,
    Siret? Siret,
    AgentId? Agent,
    DateOnly? Begins,
    DateOnly? Ends
)
{
    /// <summary>The kind of procedure.</summary>
    public const string Kind = "legal-hold";

    /// <summary>The step that places it.</summary>
    public const string Placed = "legal-hold-placed";

    /// <summary>The step that lifts it.</summary>
    public const string Lifted = "legal-hold-lifted";

    /// <summary>Whether it is about uses of one file or at one partner, and not about all of a time.</summary>
    public bool NamesUses => File is not null || Siret is not null;

    /// <summary>The holds that nothing has lifted.</summary>
    public static IReadOnlyList<LegalHold> Standing(Knowledge known) =>
        [
            .. known
                .Procedures.Where(p => p.Kind.Name == Kind && !p.Steps(Lifted).Any())
                .SelectMany(p => p.Steps(Placed))
                .Select(s => Of(s.Step, s.Fact.Position, s.Fact.Context.Actor.Caf!.Value)),
        ];

    /// <summary>Whether it is about a time that a month has a part of.</summary>
    public bool Meets(string month) => Within(month) is var (from, until) && from < until;

    /// <summary>The part of a month that it is about.</summary>
    public (DateTimeOffset From, DateTimeOffset Until) Within(string month)
    {
        var (from, until) = LegalTime.MonthOf(month);
        return (
            Begins is { } begins ? LegalTime.Later(from, LegalTime.StartOf(begins)) : from,
            Ends is { } ends && ends < LegalTime.LastDay
                ? LegalTime.Earlier(until, LegalTime.StartOf(ends.AddDays(1)))
                : until
        );
    }

    /// <summary>Whether the numbers of a person are kept because of it.</summary>
    /// <param name="files">Her files.</param>
    /// <param name="caf">The Caf that holds the one that is to be erased.</param>
    public bool Keeps(IEnumerable<string> files, CafCode caf) => File is null ? Caf == caf : files.Contains(File);

    /// <summary>Refuses a hold whose details do not go together.</summary>
    /// <exception cref="InvalidFieldException">They do not.</exception>
    internal static void Require(ProcedureStep step)
    {
        step.RequirePartnerOfAgent();

        foreach (var name in new[] { DetailNames.BeginsOn, DetailNames.EndsOn }.Where(step.Details.ContainsKey))
        {
            var day = InvalidFieldException.Naming($"details[{name}]", () => step.Date(name));
            if (day < LegalTime.FirstDay || day > LegalTime.LastDay)
            {
                throw new InvalidFieldException($"details[{name}]", "A day is from 1900 to 2199.");
            }
        }

        if (Of(step, 0, default) is { Begins: { } begins, Ends: { } ends } && ends < begins)
        {
            throw new InvalidFieldException(
                $"details[{DetailNames.EndsOn}]",
                "A period does not end before it begins."
            );
        }
    }

    private static LegalHold Of(ProcedureStep step, long position, CafCode caf) =>
        new(
            step.Procedure,
            position,
            caf,
            step.Details.GetValueOrDefault(DetailNames.Dossier),
            step.Details.TryGetValue(DetailNames.Siret, out var siret) ? Common.Siret.Parse(siret) : null,
            step.Details.TryGetValue(DetailNames.Agent, out var agent) ? AgentId.Parse(agent) : null,
            step.Details.ContainsKey(DetailNames.BeginsOn) ? step.Date(DetailNames.BeginsOn) : null,
            step.Details.ContainsKey(DetailNames.EndsOn) ? step.Date(DetailNames.EndsOn) : null
        );
}
