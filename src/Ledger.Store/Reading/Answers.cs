using Ledger.Domain.Common;
using Ledger.Domain.Consultations;
using Ledger.Domain.Dossiers;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Knowing;
using Ledger.Domain.Pseudonyms;
using Ledger.Domain.Rights;
using Npgsql;

namespace Ledger.Store.Reading;

/// <summary>A right that held at the moment asked about.</summary>
/// <param name="Habilitation">Which right.</param>
/// <param name="Agent">Whose.</param>
/// <param name="Siret">At which partner.</param>
/// <param name="Service">To which service.</param>
/// <param name="Profil">In which profile.</param>
/// <param name="Purposes">For what.</param>
/// <param name="From">Since when it holds; null for always.</param>
/// <param name="Until">Up to when; null for ever.</param>
/// <param name="Because">The positions of the events that justify it.</param>
public sealed record RightFound(
    string Habilitation,
    string Agent,
    string Siret,
    string Service,
    string Profil,
    IReadOnlyList<string> Purposes,
    DateTimeOffset? From,
    DateTimeOffset? Until,
    IReadOnlyList<long> Because
)
{
    /// <summary>Whose it is: its place in the order of an answer.</summary>
    public string Holder => $"{Siret}/{Agent}/{Habilitation}";

    /// <summary>What a habilitation gave on a person's file at an instant.</summary>
    public static RightFound Of(
        Habilitation habilitation,
        Person person,
        AccessThen access,
        DateTimeOffset at,
        Knowledge known
    )
    {
        var (granted, (from, until)) = (habilitation.Granted, Access.Around(habilitation, person, at, known));
        return new(
            granted.Event.Habilitation.Value,
            granted.Agent.Value,
            known.SiretOf(habilitation).Value,
            granted.Service.Value,
            granted.Profil.Value,
            [.. access.Right.Purposes.Select(p => p.Value).Order(StringComparer.Ordinal)],
            from == DateTimeOffset.MinValue ? null : from,
            until == DateTimeOffset.MaxValue ? null : until,
            access.Because
        );
    }
}

/// <summary>
/// A consultation with what was thought of it then, and what is thought of it with what is known at the moment asked
/// about.
/// </summary>
/// <param name="Fact">The event, with its place in the log.</param>
/// <param name="AsKnownAt">The verdict with later knowledge.</param>
/// <param name="Learnt">
/// What was learnt in between that the later verdict rests on and the first did not: what changed, and when.
/// </param>
/// <param name="Dossier">The file under the key of dossiers; null once the key of the month is destroyed.</param>
/// <param name="Month">The key of the month; null once it is destroyed.</param>
/// <param name="RectifiedBy">The rectification since which it counts for nothing, if there was one.</param>
public sealed record ConsultationFound(
    Fact Fact,
    Verdict AsKnownAt,
    IReadOnlyList<Fact> Learnt,
    string? Dossier,
    MonthKey? Month,
    Fact? RectifiedBy
)
{
    /// <summary>The consultation; its own verdict is as known then.</summary>
    public ConsultationRecorded Event => (ConsultationRecorded)Fact.Event;

    /// <summary>What was done, on which file.</summary>
    public Use Use => Use.Of(Event, Dossier);

    /// <summary>What else is said, in clear; null once the key of the month is destroyed.</summary>
    /// <exception cref="InvalidDataException">It was changed.</exception>
    public Details? Details =>
        Event.Sealed is not { } details ? new Details()
        : Month is null ? null
        : details.Open(Month, Fact.Context.RequestId);

    /// <summary>Whether it is irregular, as far as it still counts.</summary>
    public bool IsIrregular => AsKnownAt.IsIrregular && RectifiedBy is null;

    /// <summary>Whether the two verdicts differ: one that counts for nothing accuses nobody.</summary>
    public bool Differs =>
        RectifiedBy is not null
            ? !Event.Verdict.Authorised
            : AsKnownAt.IsTold && Event.Verdict.Authorised != AsKnownAt.Authorised;
}

/// <summary>A page of an answer, and the key that the next one begins after.</summary>
/// <param name="Items">In a stable order.</param>
/// <param name="Next">Null on the last page.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next);

/// <summary>Which part of a long answer is wanted.</summary>
/// <param name="Size">The most items.</param>
/// <param name="After">The key of the page before; null for the first.</param>
public sealed record Paging(int Size, string? After = null);

/// <summary>Which facts of use are asked about. What is null does not matter.</summary>
/// <param name="From">Inclusive.</param>
/// <param name="Until">Exclusive.</param>
/// <param name="Caf">Of its files, or under a right of its conventions.</param>
/// <param name="Siret">At this partner.</param>
/// <param name="Agent">By this agent.</param>
/// <param name="Service">Through this service.</param>
/// <param name="Address">From this address, in clear.</param>
public sealed record UsageScope(
    DateTimeOffset From,
    DateTimeOffset Until,
    CafCode? Caf = null,
    Siret? Siret = null,
    AgentId? Agent = null,
    ServiceCode? Service = null,
    string? Address = null
)
{
    /// <summary>The address as it stands in the index: another in each month.</summary>
    internal IReadOnlyList<byte[]>? SealedAddresses { get; init; }
}

/// <summary>Which verdicts are wanted.</summary>
public enum VerdictFilter
{
    /// <summary>Irregular as known then, or as known at the moment asked about.</summary>
    Either,

    /// <summary>Irregular as known then.</summary>
    Then,

    /// <summary>Irregular as known at the moment asked about.</summary>
    Now,

    /// <summary>The two verdicts differ.</summary>
    Differing,
}

/// <summary>A fact of use, as the index has it.</summary>
/// <param name="Position">Where it stands.</param>
/// <param name="OccurredAt">When.</param>
internal sealed record UsageFound(long Position, DateTimeOffset OccurredAt)
{
    /// <summary>The columns that <see cref="Read"/> reads.</summary>
    public const string Columns = "u.position, u.occurred_at";

    /// <summary>Its place in a list.</summary>
    public Cursor Place => new(OccurredAt, Position);

    /// <summary>Reads a row.</summary>
    public static UsageFound Read(NpgsqlDataReader reader) => new(reader.GetInt64(0), reader.Instant(1));
}

/// <summary>What an account or an address reached.</summary>
/// <param name="Consultations">How many files were opened.</param>
/// <param name="Files">
/// How many different ones: a file counts once a month of the period, since its pseudonym changes with the month.
/// </param>
/// <param name="Agents">Which agents' credentials were used, at which partners.</param>
/// <param name="Addresses">From which addresses.</param>
/// <param name="Services">Through which services.</param>
/// <param name="Categories">Which data were shown.</param>
/// <param name="First">The first use.</param>
/// <param name="Last">The last use.</param>
public sealed record BlastRadius(
    long Consultations,
    long Files,
    IReadOnlyList<(string Siret, string Agent)> Agents,
    IReadOnlyList<string> Addresses,
    IReadOnlyList<string> Services,
    IReadOnlyList<string> Categories,
    DateTimeOffset? First,
    DateTimeOffset? Last
);
