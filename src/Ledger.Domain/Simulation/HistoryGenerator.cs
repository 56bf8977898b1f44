using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Ledger.Domain.Common;
using Ledger.Domain.Consultations;
using Ledger.Domain.Control;
using Ledger.Domain.Dossiers;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Knowing;
using Ledger.Domain.Partenariats;
using Ledger.Domain.Procedures;
using Ledger.Domain.Pseudonyms;

namespace Ledger.Domain.Simulation;

/// <summary>How large a history is.</summary>
/// <param name="Partners">Conventions, one a partner.</param>
/// <param name="Agents">Agents of all partners together.</param>
/// <param name="GrantsPerAgent">Habilitations an agent: more than one, since rights are renewed.</param>
/// <param name="Allocataires">Files of the Caf.</param>
/// <param name="Consultations">Files opened.</param>
/// <param name="Years">Over how many years.</param>
public sealed record HistorySize(
    int Partners,
    int Agents,
    int GrantsPerAgent,
    int Allocataires,
    int Consultations,
    int Years = 3
)
{
    /// <summary>A whole Caf, over three years.</summary>
    public static HistorySize WholeCaf(int consultations) => new(400, 3000, 10, 600_000, consultations);
}

/// <summary>One thing that happened in a simulated history.</summary>
/// <param name="Number">0, 1, 2 …: what a later rectification names it by.</param>
/// <param name="At">When it was said: acts come in this order.</param>
/// <param name="Context">Who said it.</param>
/// <param name="Command">
/// What was said; for a rectification, with the number of the act in place of its position.
/// </param>
/// <param name="Files">
/// The numbers of the files that it is about: one, or two for a mutation. A negative number is that of a file
/// elsewhere.
/// </param>
/// <param name="Details">What a consultation enciphers, in clear.</param>
public sealed record SimulatedAct(
    int Number,
    DateTimeOffset At,
    EventContext Context,
    ICommand Command,
    IReadOnlyList<int> Files,
    Details? Details = null
);

/// <summary>
/// A realistic history of a Caf and its partners: late signals, corrections, mutations, suspensions, terminations,
/// misuse. The same seed and size give the same history. Every person, file and number is made up.
/// </summary>
public sealed class HistoryGenerator
{
    /// <summary>The Caf of every history.</summary>
    public static readonly CafCode Caf = CafCode.Parse("763");

    /// <summary>The first day of every history.</summary>
    public static readonly DateOnly FirstDay = new(2023, 1, 2);

    private static readonly ServiceCode Cdap = ServiceCode.Parse("CDAP");
    private static readonly ProfilCode[] Profils =
    [
        ProfilCode.Parse("T1"),
        ProfilCode.Parse("T2"),
        ProfilCode.Parse("T3"),
    ];
    private static readonly Purpose[] Purposes =
    [
        Purpose.Parse("aide-sociale"),
        Purpose.Parse("accueil-petite-enfance"),
        Purpose.Parse("logement"),
    ];
    private static readonly Actor ByCaf = new(AgentId.Parse("caf-admin"), Caf, null);

    private readonly List<(DateTimeOffset At, Actor Actor, ICommand Command)> _acts = [];
    private readonly List<Right> _rights = [];
    private readonly Dictionary<ICommand, IReadOnlyList<int>> _mutations = new(ReferenceEqualityComparer.Instance);
    private readonly Random _chance;
    private readonly HistorySize _size;
    private readonly int _seed;
    private MonthKey? _key;

    /// <summary>The history of a seed.</summary>
    public HistoryGenerator(int seed, HistorySize size)
    {
        (_seed, _size, _chance) = (seed, size, new Random(seed));
        for (var partner = 0; partner < size.Partners; partner++)
        {
            Sign(partner);
        }

        for (var file = 0; file < size.Allocataires / 200; file++)
        {
            Mutate(file);
        }
    }

    /// <summary>The acts and the consultations, in the order in which they were said.</summary>
    public IEnumerable<SimulatedAct> Acts()
    {
        var acts = _acts
            .Select((act, order) => (act, order))
            .OrderBy(a => a.act.At)
            .ThenBy(a => a.order)
            .Select(a => a.act)
            .ToList();
        var numbers = new Dictionary<ICommand, int>(ReferenceEqualityComparer.Instance);
        var (chance, next, number) = (new Random(_seed + 1), 0, 0);
        var rights = _rights.OrderBy(r => r.From).ToList();
        var (begin, end) = (LegalTime.StartOf(FirstDay.AddDays(75)), LegalTime.StartOf(FirstDay.AddYears(_size.Years)));
        for (var i = 0; i < _size.Consultations; i++)
        {
            var at = WorkingHour(begin + ((end - begin) * ((double)i / _size.Consultations)), chance);
            for (; next < acts.Count && acts[next].At <= at; next++)
            {
                yield return Said(acts[next]);
            }

            yield return Consulted(number++, Drawn(rights, at, chance), at, chance);
        }

        for (; next < acts.Count; next++)
        {
            yield return Said(acts[next]);
        }

        SimulatedAct Said((DateTimeOffset At, Actor Actor, ICommand Command) act)
        {
            numbers[act.Command] = number;
            var command = act.Command is Correction c ? new Rectify(numbers[c.Of], c.Why) : act.Command;
            return new SimulatedAct(
                number++,
                act.At,
                new EventContext(act.Actor, Id(number)),
                command,
                _mutations.GetValueOrDefault(act.Command) ?? []
            );
        }
    }

    /// <summary>The months in which anything happens, <c>yyyy-MM</c>.</summary>
    public IReadOnlyList<string> Months =>
        [
            .. Enumerable
                .Range(0, (12 * _size.Years) + 1)
                .Select(i => FirstDay.AddMonths(i).ToString("yyyy-MM", CultureInfo.InvariantCulture)),
        ];

    /// <summary>The key of a month: made from the seed.</summary>
    public MonthKey KeyOf(string month) => new(month, SecretOf(month));

    /// <summary>The bytes of the key of a month.</summary>
    public byte[] SecretOf(string month) => Hash($"month/{month}");

    /// <summary>A file's pseudonym under the key of dossiers.</summary>
    public string DossierOf(int file) => Base64Url.EncodeToString(Hash($"dossiers/{file}").AsSpan(0, Pseudonym.Size));

    // Nearly always a right that still holds; now and then one that no longer does.
    private static Right Drawn(List<Right> rights, DateTimeOffset at, Random chance)
    {
        var begun = Math.Max(1, UpTo(rights, at));
        var right = rights[chance.Next(begun)];
        if (chance.Next(400) > 0)
        {
            for (var tries = 0; tries < 50 && right.Until <= at; tries++)
            {
                right = rights[chance.Next(begun)];
            }
        }

        return right;
    }

    private static int UpTo(List<Right> rights, DateTimeOffset at)
    {
        var (low, high) = (0, rights.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = rights[middle].From <= at ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    // One in a hundred by night or on a Sunday.
    private static DateTimeOffset WorkingHour(DateTimeOffset at, Random chance)
    {
        var day = LegalTime.StartOf(LegalTime.DayOf(at));
        return chance.Next(100) == 0 ? day.AddHours(23) : day.AddHours(8.5 + (9 * (at - day).TotalHours / 25));
    }

    private SimulatedAct Consulted(int number, Right right, DateTimeOffset at, Random chance)
    {
        var file =
            (right.Partner * (_size.Allocataires / _size.Partners))
            + chance.Next(Math.Max(1, _size.Allocataires / _size.Partners));
        var profil = chance.Next(500) == 0 ? Profils[chance.Next(Profils.Length)] : right.Profil;
        var use = new Use(
            Caf,
            right.Siret,
            right.Agent,
            chance.Next(10) == 0 ? null : right.Id,
            Cdap,
            profil,
            right.Purpose,
            at,
            null,
            DossierOf(file)
        );
        var business = chance.Next(50) == 0 ? null : $"AS-{at.Year}-{chance.Next(10_000)}";
        var details = new Details(
            $"s-{right.Agent}-{at:yyyyMMdd}",
            $"poste-{right.Agent}",
            "portal",
            BusinessFile: business
        );
        var month = LegalTime.EpochOf(at);
        if (_key?.Month != month)
        {
            _key = KeyOf(month);
        }

        return new SimulatedAct(
            number,
            at,
            new EventContext(new Actor(right.Agent, null, right.Siret), Id(number + 1)),
            RecordConsultation.Of(Id(number + 1), use, details, _key, Id(number + 1)),
            [file],
            details
        );
    }

    private void Sign(int partner)
    {
        var siret = SiretOf(partner);
        var convention = ConventionId.Parse($"conv-{partner}");
        var signed = FirstDay.AddDays(_chance.Next(45));
        var (principal, suppleant) = (AgentId.Parse($"gest-{partner}-a"), AgentId.Parse($"gest-{partner}-b"));
        var byPartner = new Actor(principal, null, siret);
        Say(
            signed,
            ByCaf,
            new SignConvention(
                new(convention, $"2023-{partner:D4}", Caf, siret, signed, signed, Purposes, HabilitationMode.Delegue)
            )
        );
        Say(
            signed.AddDays(1),
            ByCaf,
            new RecordCnilFormality(
                new(convention, Party.Caf, $"caf-{partner}", FormalityOutcome.Favourable, signed.AddDays(1))
            )
        );
        Say(
            signed.AddDays(1),
            byPartner,
            new RecordCnilFormality(
                new(convention, Party.Partenaire, $"part-{partner}", FormalityOutcome.Favourable, signed.AddDays(1))
            )
        );
        Say(
            signed.AddDays(1),
            ByCaf,
            new SignServiceContract(
                new(convention, "1", signed.AddDays(1), "every day, 24 hours", "annex 2", 36, "by letter")
            )
        );
        Say(
            signed.AddDays(2),
            ByCaf,
            new SignEnrolment(new(convention, Cdap, Profils, Purposes, new Perimeter.WholeCaf(), signed.AddDays(2)))
        );
        Say(signed.AddDays(2), ByCaf, new OpenService(new(convention, Cdap, signed.AddDays(2))));
        Say(
            signed.AddDays(2),
            byPartner,
            new DesignateGestionnaire(new(convention, principal, GestionnaireRank.Principal, signed.AddDays(2)))
        );
        Say(
            signed.AddDays(2),
            byPartner,
            new DesignateGestionnaire(new(convention, suppleant, GestionnaireRank.Suppleant, signed.AddDays(2)))
        );
        for (var agent = partner; agent < _size.Agents; agent += _size.Partners)
        {
            Employ(partner, convention, siret, byPartner, AgentId.Parse($"agent-{agent}"), signed.AddDays(3));
        }

        if (_chance.Next(40) == 0)
        {
            var received = FirstDay.AddYears(_size.Years).AddDays(-120 - _chance.Next(200));
            Say(
                received,
                ByCaf,
                new TakeStep(
                    "termination-notified",
                    new ProcedureStep(
                        ProcedureId.Parse($"term-{partner}"),
                        convention,
                        Party.Partenaire,
                        received,
                        "registered letter",
                        new SortedDictionary<string, string>(StringComparer.Ordinal)
                        {
                            ["wished-on"] = received.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
                        },
                        []
                    )
                )
            );
        }
    }

    private void Employ(
        int partner,
        ConventionId convention,
        Siret siret,
        Actor byPartner,
        AgentId agent,
        DateOnly from
    )
    {
        Say(from, byPartner, new AttachAgent(new(convention, agent, "social worker", from)));
        var days = _size.Years * 365;
        var left = _chance.Next(5) == 0 ? FirstDay.AddDays(150 + _chance.Next(days - 220)) : (DateOnly?)null;

        // Seven departures in ten are signalled on the day; the others up to four weeks late, and until then the
        // account still opens.
        var signalled = left?.AddDays(_chance.Next(10) < 7 ? 0 : 1 + _chance.Next(28));
        var span = Math.Max(20, (days - 120) / _size.GrantsPerAgent);
        for (var i = 0; i < _size.GrantsPerAgent; i++)
        {
            var begin = from.AddDays(1 + (i * span));
            var last = i == _size.GrantsPerAgent - 1;
            if (left is null || begin < left)
            {
                Grant(
                    partner,
                    convention,
                    siret,
                    byPartner,
                    agent,
                    $"hab-{agent}-{i}",
                    begin,
                    last ? null : begin.AddDays(span + 10),
                    span,
                    signalled
                );
            }
        }

        if (left is { } day)
        {
            var said = signalled!.Value;
            var departure = new ReportDeparture(new(convention, agent, day, said));
            if (_chance.Next(6) == 0)
            {
                var wrong = new ReportDeparture(departure.Event with { LeftOn = day.AddDays(-10) });
                Say(said, byPartner, wrong);
                Say(said.AddDays(5), ByCaf, new Correction(wrong, "the partner gave the wrong day"));
                Say(said.AddDays(5), byPartner, departure);
            }
            else
            {
                Say(said, byPartner, departure);
            }
        }
    }

    private void Grant(
        int partner,
        ConventionId convention,
        Siret siret,
        Actor byPartner,
        AgentId agent,
        string id,
        DateOnly from,
        DateOnly? until,
        int span,
        DateOnly? closed
    )
    {
        var (habilitation, profil, purpose) = (
            HabilitationId.Parse(id),
            Profils[_chance.Next(Profils.Length)],
            Purposes[_chance.Next(Purposes.Length)]
        );
        var granted = LegalTime.StartOf(from).AddHours(9);
        Say(
            from,
            byPartner,
            new GrantHabilitation(
                new(
                    habilitation,
                    convention,
                    agent,
                    Cdap,
                    profil,
                    [purpose],
                    new Perimeter.WholeCaf(),
                    from,
                    until,
                    granted,
                    "in charge",
                    false
                )
            )
        );
        var end = LegalTime.StartOf(until is null || closed < until ? closed ?? FirstDay.AddYears(20) : until.Value);
        if (_chance.Next(12) == 0)
        {
            var suspended = granted.AddDays(1 + _chance.Next(span - 10));
            Say(
                LegalTime.DayOf(suspended),
                byPartner,
                new SuspendHabilitation(new(habilitation, suspended, true, "inquiry")),
                suspended
            );
            Say(
                LegalTime.DayOf(suspended.AddDays(5)),
                byPartner,
                new LiftSuspension(new(habilitation, suspended.AddDays(5), "nothing found")),
                suspended.AddDays(5)
            );
        }
        else if (_chance.Next(15) == 0)
        {
            var revoked = granted.AddDays(2 + _chance.Next(span));
            Say(
                LegalTime.DayOf(revoked),
                byPartner,
                new RevokeHabilitation(new(habilitation, revoked, "no longer needed")),
                revoked
            );
            end = revoked < end ? revoked : end;
        }

        _rights.Add(new Right(partner, siret, agent, habilitation, profil, purpose, granted, end));
    }

    private void Mutate(int file)
    {
        var on = FirstDay.AddDays(_chance.Next(_size.Years * 365));
        var mutation = new RecordDossier(
            new DossierTransferred(DossierOf(file * 200), Caf, DossierOf(-1 - file), CafCode.Parse("591"), on)
        );
        _mutations.Add(mutation, [file * 200, -1 - file]);
        Say(on, ByCaf, mutation);
    }

    // Said at the end of its day unless an hour is given, and in the order of the calls within a day.
    private void Say(DateOnly day, Actor actor, ICommand command, DateTimeOffset? at = null) =>
        _acts.Add((at ?? LegalTime.StartOf(day).AddHours(9).AddMicroseconds(_acts.Count), actor, command));

    private byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes($"simulated/{_seed}/{text}"));

    private Guid Id(int number) =>
        new(
            SHA256.HashData(Encoding.UTF8.GetBytes($"simulated/{_seed}/request/{number}")).AsSpan(0, 16),
            bigEndian: true
        );

    private static Siret SiretOf(int partner)
    {
        var first = (21_000_000_000_000 + (partner * 100L)).ToString(CultureInfo.InvariantCulture);
        for (var i = 0; ; i++)
        {
            try
            {
                return Siret.Parse(string.Concat(first.AsSpan(0, 13), i.ToString(CultureInfo.InvariantCulture)));
            }
            catch (FormatException) when (i < 9)
            {
                // One of the ten last digits is the check digit.
            }
        }
    }

    private sealed record Right(
        int Partner,
        Siret Siret,
        AgentId Agent,
        HabilitationId Id,
        ProfilCode Profil,
        Purpose Purpose,
        DateTimeOffset From,
        DateTimeOffset Until
    );

    /// <summary>A rectification of an act that is not in the log yet.</summary>
    private sealed record Correction(ICommand Of, string Why) : ICommand
    {
        public IReadOnlyList<LedgerEvent> Decide(Knowledge known, EventContext context, DateTimeOffset now) =>
            throw new NotSupportedException("It is made a rectification first.");
    }
}
