using Ledger.Domain.Common;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Partenariats;
using Ledger.Domain.Rights;
using Ledger.Store.Reading;
using Npgsql;

namespace Ledger.Store.Rights;

/// <summary>
/// What is known of conventions and habilitations, in memory, with the rights computed from it. The head row says up to which
/// position it must know: another process's events are read before anything is decided.
/// </summary>
internal sealed class GovernanceReplica
{
    private readonly Dictionary<HabilitationId, IReadOnlyList<RightSegment>> _rights = [];

    public Knowledge Known { get; } = new();

    public async Task CatchUpAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, long position, CancellationToken cancel)
    {
        if (Known.Position >= position)
        {
            return;
        }

        foreach (var fact in await FactReader.ReadAsync(connection, transaction, null, Known.Position, position, cancel))
        {
            Learn(fact);
        }
    }

    public IReadOnlyList<Habilitation> Learn(Fact fact)
    {
        var affected = Known.Apply(fact);
        foreach (var habilitation in affected)
        {
            _rights.Remove(habilitation.Granted.Event.Habilitation);
        }

        return affected;
    }

    public IReadOnlyList<RightSegment> RightsOf(Partenariat partenariat, Habilitation habilitation)
    {
        var id = habilitation.Granted.Event.Habilitation;
        if (!_rights.TryGetValue(id, out var rights))
        {
            _rights[id] = rights = RightTimeline.Of(partenariat, habilitation);
        }

        return rights;
    }
}
