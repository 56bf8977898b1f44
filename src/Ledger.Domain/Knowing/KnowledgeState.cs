using System.Collections.Immutable;
using Ledger.Domain.Common;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Procedures;
using Ledger.Domain.Rights;

namespace Ledger.Domain.Knowing;

/// <summary>Everything that is known after some position. Nothing in it ever changes.</summary>
internal sealed record KnowledgeState
{
    public static readonly KnowledgeState Empty = new();

    /// <summary>The position of the last fact; -1 before the first.</summary>
    public long Position { get; init; } = -1;

    /// <summary>Every fact that bears on rights, in the order of the positions.</summary>
    public AppendOnlyList<Fact> Facts { get; init; } = AppendOnlyList<Fact>.Empty;

    /// <summary>The position of the rectification, by the position of the fact that it takes away.</summary>
    public ImmutableDictionary<long, long> Rectified { get; init; } = ImmutableDictionary<long, long>.Empty;

    public ImmutableDictionary<Siret, Partner> Partners { get; init; } = ImmutableDictionary<Siret, Partner>.Empty;

    public ImmutableDictionary<ConventionId, Siret> Conventions { get; init; } =
        ImmutableDictionary<ConventionId, Siret>.Empty;

    public ImmutableDictionary<HabilitationId, Habilitation> Habilitations { get; init; } =
        ImmutableDictionary<HabilitationId, Habilitation>.Empty;

    public ImmutableDictionary<ProcedureId, Procedure> Procedures { get; init; } =
        ImmutableDictionary<ProcedureId, Procedure>.Empty;

    /// <summary>The facts that are about no partner and no file: they bear on all.</summary>
    public AppendOnlyList<Fact> OfAll { get; init; } = AppendOnlyList<Fact>.Empty;

    /// <summary>The facts about each file.</summary>
    public ImmutableDictionary<string, FactList> Dossiers { get; init; } =
        ImmutableDictionary.Create<string, FactList>(StringComparer.Ordinal);

    /// <summary>The mutations from each Caf to another, and to it from another.</summary>
    public ImmutableDictionary<CafCode, FactList> Moves { get; init; } = ImmutableDictionary<CafCode, FactList>.Empty;

    /// <summary>The versions of the catalogue.</summary>
    public FactList Catalogues { get; init; } = FactList.Empty;

    /// <summary>The catalogue over time.</summary>
    public Timeline<Catalogue> Catalogue { get; init; } = CatalogueOver(FactList.Empty, long.MaxValue);

    /// <summary>The months whose key was destroyed.</summary>
    public ImmutableHashSet<string> DestroyedEpochs { get; init; } =
        ImmutableHashSet.Create<string>(StringComparer.Ordinal);

    /// <summary>What the key of files gives of a constant since a file was erased; null before the first.</summary>
    public string? FileKey { get; init; }

    /// <summary>The habilitations under a convention, in no order.</summary>
    public IEnumerable<Habilitation> Under(ConventionId convention) =>
        Partners[Conventions[convention]]
            .ByAgent.Values.SelectMany(ids => ids)
            .Select(id => Habilitations[id])
            .Where(h => h.Granted.Convention == convention);

    /// <summary>An agent's habilitations under a convention, in the order in which they were learnt.</summary>
    public IEnumerable<Habilitation> Under(ConventionId convention, AgentId agent) =>
        Partners[Conventions[convention]]
            .ByAgent.GetValueOrDefault(agent, [])
            .Select(id => Habilitations[id])
            .Where(h => h.Granted.Convention == convention);

    /// <summary>The index of the last fact at or before a position; -1 for none.</summary>
    public int IndexAt(long position)
    {
        var (low, high) = (-1, Facts.Count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            (low, high) = Facts[middle].Position <= position ? (middle, high) : (low, middle - 1);
        }

        return low;
    }

    /// <summary>The fact at a position, rectified or not.</summary>
    public Fact? FactAt(long position) =>
        IndexAt(position) is >= 0 and var index && Facts[index] is var fact && fact.Position == position ? fact : null;

    /// <summary>The catalogue over time, with what is known at a position.</summary>
    public static Timeline<Catalogue> CatalogueOver(FactList catalogues, long known) =>
        Timeline<Catalogue>.Of(
            Common.Catalogue.Illustrative,
            catalogues
                .Standing(known)
                .Select(f => (f.Position, Event: (CatalogueVersionPublished)f.Event))
                .Select(c => new Step<Catalogue>(
                    LegalTime.StartOf(c.Event.From),
                    Common.Catalogue.Of(c.Event),
                    c.Position
                ))
        );
}
