using System.Diagnostics.CodeAnalysis;
using Ledger.Domain.Habilitations;
using Ledger.Domain.Partenariats;

namespace Ledger.Domain.Common;

/// <summary>What the ledger knows of conventions and habilitations after some position: enough to decide a command and to judge a use.</summary>
public sealed class Knowledge
{
    private readonly Dictionary<ConventionId, Partenariat> _partenariats = [];
    private readonly Dictionary<HabilitationId, Habilitation> _habilitations = [];
    private readonly Dictionary<ConventionId, List<Habilitation>> _byConvention = [];
    private readonly Dictionary<(Siret, AgentId), List<Habilitation>> _byAgent = [];

    /// <summary>The position of the last fact known; -1 before the first.</summary>
    public long Position { get; private set; } = -1;

    /// <summary>The conventions.</summary>
    public IReadOnlyCollection<Partenariat> Partenariats => _partenariats.Values;

    /// <summary>Builds it from facts in the order of their positions.</summary>
    public static Knowledge Of(IEnumerable<Fact> facts)
    {
        var known = new Knowledge();
        foreach (var fact in facts)
        {
            known.Apply(fact);
        }

        return known;
    }

    /// <summary>Learns a fact. Facts that carry no right, such as a consultation, are passed over.</summary>
    /// <returns>The habilitations whose right may have changed.</returns>
    /// <exception cref="InvalidOperationException">The fact is not after what is known, or has no aggregate to belong to.</exception>
    public IReadOnlyList<Habilitation> Apply(Fact fact)
    {
        if (fact.Position <= Position)
        {
            throw new InvalidOperationException($"The fact at position {fact.Position} is not after {Position}.");
        }

        Position = fact.Position;
        return fact.Event switch
        {
            ConventionSigned e => Begin(e.Convention, fact),
            PartenariatEvent e => Continue(e.Convention, fact),
            HabilitationGranted e => [Begin(e, fact)],
            HabilitationEvent e => [Continue(e.Habilitation, fact)],
            _ => [],
        };
    }

    /// <summary>The convention, if it is known.</summary>
    public bool TryFind(ConventionId id, [NotNullWhen(true)] out Partenariat? partenariat) => _partenariats.TryGetValue(id, out partenariat);

    /// <summary>The habilitation, if it is known.</summary>
    public bool TryFind(HabilitationId id, [NotNullWhen(true)] out Habilitation? habilitation) => _habilitations.TryGetValue(id, out habilitation);

    /// <summary>The convention.</summary>
    /// <exception cref="UnknownException">There is none of that identifier.</exception>
    public Partenariat Require(ConventionId id) => TryFind(id, out var partenariat)
        ? partenariat
        : throw new UnknownException("convention", $"No convention '{id}' is recorded.");

    /// <summary>The habilitation.</summary>
    /// <exception cref="UnknownException">There is none of that identifier.</exception>
    public Habilitation Require(HabilitationId id) => TryFind(id, out var habilitation)
        ? habilitation
        : throw new UnknownException("habilitation", $"No habilitation '{id}' is recorded.");

    /// <summary>The habilitations of an agent at a partner, in the order in which they were learnt.</summary>
    public IReadOnlyList<Habilitation> Of(Siret siret, AgentId agent) => _byAgent.TryGetValue((siret, agent), out var list) ? list : [];

    /// <summary>The habilitations under a convention, in the order in which they were learnt.</summary>
    public IReadOnlyList<Habilitation> Of(ConventionId convention) => _byConvention.TryGetValue(convention, out var list) ? list : [];

    /// <summary>The version of an event's stream before the event.</summary>
    public long VersionOf(LedgerEvent @event) => @event switch
    {
        PartenariatEvent e => TryFind(e.Convention, out var partenariat) ? partenariat.Version : 0,
        HabilitationEvent e => TryFind(e.Habilitation, out var habilitation) ? habilitation.Version : 0,
        _ => throw new ArgumentException("Only conventions and habilitations have a version here.", nameof(@event)),
    };

    /// <summary>What was known once the event at <paramref name="position"/> was.</summary>
    public Knowledge AsKnownAt(long position) => Of(_partenariats.Values.SelectMany(p => p.Facts)
        .Concat(_habilitations.Values.SelectMany(h => h.Facts))
        .Where(f => f.Position <= position)
        .OrderBy(f => f.Position));

    private List<Habilitation> Begin(ConventionId id, Fact fact)
    {
        _partenariats.Add(id, new Partenariat([fact]));
        return _byConvention[id] = [];
    }

    private List<Habilitation> Continue(ConventionId id, Fact fact)
    {
        Require(id).Apply(fact);
        return _byConvention[id];
    }

    private Habilitation Begin(HabilitationGranted granted, Fact fact)
    {
        var habilitation = new Habilitation([fact]);
        var holder = (Require(granted.Convention).Convention.Siret, granted.Agent);
        _habilitations.Add(granted.Habilitation, habilitation);
        _byConvention[granted.Convention].Add(habilitation);
        if (!_byAgent.TryGetValue(holder, out var ofAgent))
        {
            _byAgent[holder] = ofAgent = [];
        }

        ofAgent.Add(habilitation);
        return habilitation;
    }

    private Habilitation Continue(HabilitationId id, Fact fact)
    {
        var habilitation = Require(id);
        habilitation.Apply(fact);
        return habilitation;
    }
}
