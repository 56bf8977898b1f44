using Ledger.Domain.Knowing;
using Ledger.Domain.ReadModels;

namespace Ledger.Store.ReadModels;

/// <summary>
/// The changes that facts make to the rows of rights: <c>partner_right</c> or <c>habilitation_right</c>. New knowledge closes
/// the known time of the rows that it changes and adds new ones; nothing else is ever updated.
/// </summary>
/// <typeparam name="TKey">What a row belongs to.</typeparam>
internal sealed class RightRows<TKey>
    where TKey : notnull
{
    private readonly Dictionary<TKey, List<Row>> _added = [];

    /// <summary>The rows that were there before and are known up to a position.</summary>
    public List<(TKey Key, RightRow Row, long At)> Closed { get; } = [];

    /// <summary>The rows that are new.</summary>
    public IEnumerable<(TKey Key, Row Row)> Added => _added.SelectMany(a => a.Value.Select(row => (a.Key, row)));

    /// <summary>What a fact at a position changes.</summary>
    /// <param name="position">The position.</param>
    /// <param name="key">What the rows belong to.</param>
    /// <param name="had">The rows before the fact.</param>
    /// <param name="wanted">The rows once it is known.</param>
    public void Change(long position, TKey key, IReadOnlyList<RightRow> had, IReadOnlyList<RightRow> wanted)
    {
        var (gone, added) = RightRow.Change(had, wanted);
        foreach (var row in gone)
        {
            if (Open(key, row) is { } fresh)
            {
                fresh.Until = position;
            }
            else
            {
                Closed.Add((key, row, position));
            }
        }

        if (added.Count == 0)
        {
            return;
        }

        if (!_added.TryGetValue(key, out var rows))
        {
            _added[key] = rows = [];
        }

        rows.AddRange(added.Select(row => new Row(row, position)));
    }

    private Row? Open(TKey key, RightRow row) =>
        _added.TryGetValue(key, out var rows) ? rows.Find(r => r.Until is null && r.Right.Equals(row)) : null;

    /// <summary>A new row, and its known time.</summary>
    internal sealed class Row(RightRow right, long from)
    {
        public RightRow Right { get; } = right;

        public long From { get; } = from;

        public long? Until { get; set; }
    }
}

/// <summary>Whose right a row of <c>habilitation_right</c> is.</summary>
internal sealed record HabilitationKey(
    string Habilitation,
    string Convention,
    string Agent,
    string Siret,
    string Caf,
    string Service,
    string Profil
);

/// <summary>Which rights a row of <c>partner_right</c> is about.</summary>
internal sealed record PartnerKey(CommonKey Common, string Siret, string Caf);
