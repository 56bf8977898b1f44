using Ledger.Domain.Common;
using Ledger.Domain.Dossiers;
using Ledger.Domain.Pseudonyms;
using Ledger.Domain.ReadModels;
using Ledger.Domain.Rights;
using Npgsql;

namespace Ledger.Store.Reading;

/// <summary>The questions about one file.</summary>
public sealed partial class AccessHistory
{
    /// <summary>
    /// The rights that gave access to a file at an instant, by partner, agent and habilitation: to the person whose it
    /// was, as she was then.
    /// </summary>
    public async Task<Page<RightFound>> WhoCouldAsync(
        DossierIdentity file,
        DateTimeOffset at,
        Snapshot known,
        ServiceCode? service,
        Paging paging,
        CancellationToken cancel
    )
    {
        var person = known.Then.Dossiers.PersonOf(file, at);
        var asked = new Covering(person, person.At(at), at, known, service);
        var (found, after, most) = (new List<RightFound>(), paging.After, paging.Size + 1);
        while (true)
        {
            var candidates = await CandidatesAsync(asked, after, most, cancel);
            found.AddRange(candidates.Select(c => asked.InForce(c.Habilitation)).OfType<RightFound>());
            if (found.Count > paging.Size)
            {
                return new Page<RightFound>(found[..paging.Size], found[paging.Size - 1].Holder);
            }

            if (candidates.Count < most)
            {
                return new Page<RightFound>(found, null);
            }

            // Where a convention gives nothing any more, all rights under it are passed over: in ever longer strides.
            (after, most) = (candidates[^1].Holder, most * 2);
        }
    }

    // The habilitations that cover the file by themselves, in order of their holders: found in the database. Whether
    // they are effective is known. The Caf is a list of one, so that the planner does not read all its rights in order:
    // it does not know that what holds at an instant and what was known at a position go together.
    private async Task<List<(HabilitationId Habilitation, string Holder)>> CandidatesAsync(
        Covering asked,
        string? after,
        int most,
        CancellationToken cancel
    )
    {
        await using var select = database.Source.CreateCommand(
            """
            select habilitation, holder
            from ledger.habilitation_right
            where caf = any($1) and valid @> $2 and known @> $3
              and ($4::text is null or service = $4) and ($5::text is null or holder > $5)
              and (communes is null or communes && $7) and (dossiers is null or dossiers && $8)
            order by holder limit $6
            """
        );
        select.Parameters.AddRange(
            new NpgsqlParameter[]
            {
                new() { Value = new[] { asked.Then.Caf.Value } },
                new() { Value = asked.At.UtcDateTime },
                new() { Value = asked.Known.At },
                Text(asked.Service?.Value),
                Text(after),
                new() { Value = most },
                new() { Value = asked.Then.Commune is { } commune ? new[] { commune.Value } : [] },
                new() { Value = asked.Then.Dossiers.ToArray() },
            }
        );
        return await select.RowsAsync(r => (HabilitationId.Parse(r.GetString(0)), r.GetString(1)), cancel);
    }

    /// <summary>
    /// The habilitations at a Caf that covered a person's file by themselves at any time, as known at any moment up to
    /// now, in order of their holders.
    /// </summary>
    public async Task<IReadOnlyList<HabilitationId>> EverCoveringAsync(
        Person person,
        CafCode caf,
        Snapshot known,
        Siret? siret,
        ServiceCode? service,
        int most,
        CancellationToken cancel
    )
    {
        var everywhere = person.Changes.Append(DateTimeOffset.MinValue).Select(person.At).ToList();
        await using var select = database.Source.CreateCommand(
            """
            select habilitation, min(holder) from ledger.habilitation_right
            where caf = $1 and lower(known) <= $2
              and ($3::text is null or siret = $3) and ($4::text is null or service = $4)
              and (communes is null or communes && $6) and (dossiers is null or dossiers && $7)
            group by habilitation order by 2 limit $5
            """
        );
        select.Parameters.AddRange(
            new NpgsqlParameter[]
            {
                new() { Value = caf.Value },
                new() { Value = known.At },
                Text(siret?.Value),
                Text(service?.Value),
                new() { Value = most },
                new()
                {
                    Value = everywhere.Select(w => w.Commune).OfType<CommuneCode>().Select(c => c.Value).ToArray(),
                },
                new() { Value = everywhere.SelectMany(w => w.Dossiers).Distinct().ToArray() },
            }
        );
        return await select.RowsAsync(r => HabilitationId.Parse(r.GetString(0)), cancel);
    }

    /// <summary>
    /// The consultations of a file between two instants, in the order in which they took place, each with both
    /// verdicts.
    /// </summary>
    public async Task<Page<ConsultationFound>> WhoDidAsync(
        IReadOnlyList<Pseudonym> allocataire,
        DateTimeOffset from,
        DateTimeOffset until,
        Snapshot known,
        Paging paging,
        CancellationToken cancel
    )
    {
        var found = await OfFilesAsync(
            allocataire,
            (from, until),
            known.At,
            Cursor.Parse(paging.After),
            paging.Size + 1,
            onlyAuthorised: false,
            cancel
        );
        return await JudgedPageAsync(found, paging, known.Then, cancel);
    }

    /// <summary>The first consultations of files in a period, after a place in the list.</summary>
    internal async Task<List<UsageFound>> OfFilesAsync(
        IReadOnlyList<Pseudonym> allocataire,
        (DateTimeOffset From, DateTimeOffset Until) period,
        long known,
        Cursor after,
        int most,
        bool onlyAuthorised,
        CancellationToken cancel
    )
    {
        var keys = KeysOf(allocataire, period.From, period.Until);
        await using var select = database.Source.CreateCommand(
            """
            select u.position, u.occurred_at
            from unnest($1, $2) key (epoch, allocataire), lateral
            (select position, kind, occurred_at, authorised from ledger.usage
             where epoch = key.epoch and allocataire = key.allocataire offset 0) u
            where u.kind = 0 and u.position <= $3 and u.occurred_at >= $4 and u.occurred_at < $5
              and (u.occurred_at, u.position) > ($6, $7) and (u.authorised or not $9)
            order by u.occurred_at, u.position limit $8
            """
        );
        select.Parameters.AddRange(
            new NpgsqlParameter[]
            {
                new() { Value = keys.ConvertAll(k => k.Epoch).ToArray() },
                new() { Value = keys.ConvertAll(k => k.Allocataire).ToArray() },
                new() { Value = known },
                new() { Value = period.From.UtcDateTime },
                new() { Value = period.Until.UtcDateTime },
                new() { Value = after.OccurredAt.UtcDateTime },
                new() { Value = after.Position },
                new() { Value = most },
                new() { Value = onlyAuthorised },
            }
        );
        return await select.RowsAsync(UsageFound.Read, cancel);
    }

    // A pseudonym is of one month: it is looked for there and nowhere else. Each costs one search of an index.
    private static List<(int Epoch, byte[] Allocataire)> KeysOf(
        IReadOnlyList<Pseudonym> allocataire,
        DateTimeOffset from,
        DateTimeOffset until
    ) =>
        [
            .. allocataire
                .Where(p => LegalTime.Meets(p.Epoch, from, until))
                .Select(p => (UsageRow.EpochOf(p), Pseudonym.Bytes(p.Value))),
        ];

    // Whose file, where she was, at which instant, with which knowledge, in which service.
    private sealed record Covering(
        Person Person,
        Whereabouts Then,
        DateTimeOffset At,
        Snapshot Known,
        ServiceCode? Service
    )
    {
        // The right, where it gave access; null where it did not.
        public RightFound? InForce(HabilitationId id)
        {
            var habilitation = Known.Then.Require(id);
            var access = Access.At(habilitation, Person, At, Known.Then);
            return access.Gave ? RightFound.Of(habilitation, Person, access, At, Known.Then) : null;
        }
    }
}
