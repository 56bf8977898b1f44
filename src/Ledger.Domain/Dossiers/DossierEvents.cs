using Ledger.Domain.Common;

namespace Ledger.Domain.Dossiers;

/// <summary>
/// An event of the life of a file. The file is known by its pseudonym under the key of dossiers, which lives longer
/// than a month's.
/// </summary>
public abstract record DossierEvent : JournalEvent
{
    /// <inheritdoc/>
    public override bool IsKnowledge => true;

    /// <summary>The files that it speaks of.</summary>
    public abstract IEnumerable<string> Dossiers();
}

/// <summary>A file belongs to a commune.</summary>
/// <param name="Dossier">The file.</param>
/// <param name="Caf">The Caf that holds it.</param>
/// <param name="Commune">Where.</param>
/// <param name="From">From the start of this day.</param>
[EventName("dossier-attached.v1")]
public sealed record DossierAttached(string Dossier, CafCode Caf, CommuneCode Commune, DateOnly From) : DossierEvent
{
    /// <inheritdoc/>
    public override string Stream() => $"dossiers-{Caf}-{From:yyyy-MM}";

    /// <inheritdoc/>
    public override IEnumerable<string> Dossiers() => [Dossier];
}

/// <summary>A mutation: the same person, another Caf or another number.</summary>
/// <param name="From">The file that she leaves.</param>
/// <param name="FromCaf">The Caf that held it.</param>
/// <param name="To">The file that she gets.</param>
/// <param name="ToCaf">The Caf that holds it.</param>
/// <param name="On">From the start of this day.</param>
[EventName("dossier-transferred.v1")]
public sealed record DossierTransferred(string From, CafCode FromCaf, string To, CafCode ToCaf, DateOnly On)
    : DossierEvent
{
    /// <inheritdoc/>
    public override string Stream() => $"dossiers-{FromCaf}-{On:yyyy-MM}";

    /// <inheritdoc/>
    public override IEnumerable<string> Dossiers() => [From, To];
}
