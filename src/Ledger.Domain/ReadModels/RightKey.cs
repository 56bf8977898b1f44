using Ledger.Domain.Habilitations;
using Ledger.Domain.Knowing;

namespace Ledger.Domain.ReadModels;

/// <summary>A table of rights: what its rows belong to.</summary>
/// <param name="Name">The table.</param>
/// <param name="Identifying">How many of the key's columns, the first ones, identify what a row belongs to.</param>
/// <param name="KeyColumns">The columns that say it.</param>
public sealed record RightTable(string Name, int Identifying, IReadOnlyList<string> KeyColumns)
{
    /// <summary>What a habilitation gives by itself.</summary>
    public static RightTable OfHabilitations { get; } =
        new(
            "habilitation_right",
            1,
            ["habilitation", "holder", "convention", "agent", "siret", "caf", "service", "profil"]
        );

    /// <summary>What a convention gives every right to a service in a profile.</summary>
    public static RightTable OfPartners { get; } =
        new("partner_right", 3, ["convention", "service", "profil", "siret", "caf"]);
}

/// <summary>What rows of a table of rights belong to.</summary>
public sealed class RightKey
{
    private readonly Func<Knowledge, IReadOnlyList<RightRow>> _rows;

    private RightKey(RightTable table, string[] values, Func<Knowledge, IReadOnlyList<RightRow>> rows)
    {
        (Table, Values, _rows) = (table, values, rows);
        Id = string.Join('\n', values[..table.Identifying]);
    }

    /// <summary>The table.</summary>
    public RightTable Table { get; }

    /// <summary>The values of its key columns.</summary>
    public IReadOnlyList<string> Values { get; }

    /// <summary>What tells it from the others of its table.</summary>
    public string Id { get; }

    /// <summary>What a fact may have changed rows of, once it is known.</summary>
    public static IEnumerable<RightKey> Reached(Reach reach, Knowledge known) =>
        reach.Habilitations.Select(h => Of(h, known)).Concat(reach.Common.Select(c => Of(c, known)));

    /// <summary>Its rows, with what is known.</summary>
    public IReadOnlyList<RightRow> RowsIn(Knowledge known) => _rows(known);

    private static RightKey Of(Habilitation habilitation, Knowledge known)
    {
        var (granted, convention) = (habilitation.Granted, known.Require(habilitation.Granted.Convention).Convention);
        var id = granted.Event.Habilitation;
        return new RightKey(
            RightTable.OfHabilitations,
            [
                id.Value,
                $"{convention.Siret}/{granted.Agent}/{id}",
                granted.Convention.Value,
                granted.Agent.Value,
                convention.Siret.Value,
                convention.Caf.Value,
                granted.Service.Value,
                granted.Profil.Value,
            ],
            k =>
                k.TryFind(id, out var found)
                    ? [.. RightRow.Of(found.OwnRights(k.Require(found.Granted.Convention)))]
                    : []
        );
    }

    private static RightKey Of(CommonKey common, Knowledge known)
    {
        var convention = known.Require(common.Convention).Convention;
        return new RightKey(
            RightTable.OfPartners,
            [
                common.Convention.Value,
                common.Service.Value,
                common.Profil.Value,
                convention.Siret.Value,
                convention.Caf.Value,
            ],
            k =>
                k.TryFind(common.Convention, out var found)
                    ? [.. RightRow.Of(found.CommonRights(common.Service, common.Profil))]
                    : []
        );
    }
}
