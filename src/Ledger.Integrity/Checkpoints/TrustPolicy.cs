using System.Globalization;

namespace Ledger.Integrity.Checkpoints;

/// <summary>A witness that a policy names.</summary>
/// <param name="Name">Its name in the policy.</param>
/// <param name="Key">Its cosignature key.</param>
/// <param name="Url">Where it takes checkpoints; null when the policy does not say.</param>
public sealed record PolicyWitness(string Name, NoteVerifier Key, Uri? Url);

/// <summary>
/// Whose log, and which witnesses' cosignatures make one of its checkpoints trusted. C2SP tlog-policy.
/// </summary>
public sealed class TrustPolicy
{
    private const string None = "none";

    private readonly List<(string Name, int Threshold, IReadOnlyList<string> Members)> _groups = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private string? _quorum;

    private TrustPolicy() { }

    /// <summary>The keys of the logs.</summary>
    public IReadOnlyList<NoteVerifier> Logs { get; private set; } = [];

    /// <summary>The witnesses.</summary>
    public IReadOnlyList<PolicyWitness> Witnesses { get; private set; } = [];

    /// <summary>Whether any cosignature is demanded.</summary>
    public bool DemandsWitnesses => _quorum != None;

    /// <summary>Reads a policy.</summary>
    /// <exception cref="FormatException">A line is not one of a policy: the message says which, and why.</exception>
    public static TrustPolicy Parse(string text)
    {
        var policy = new TrustPolicy();
        foreach (var (index, line) in text.Split('\n').Index())
        {
            var words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0 || words[0].StartsWith('#'))
            {
                continue;
            }

            try
            {
                policy.Read(words);
            }
            catch (FormatException e)
            {
                throw new FormatException($"Line {index + 1} of the policy: {e.Message}");
            }
        }

        return policy._quorum is null ? throw new FormatException("A policy has one line 'quorum'.") : policy;
    }

    /// <summary>
    /// Whether the cosignatures on a note are those that the policy demands. A wrong one counts for nothing.
    /// </summary>
    public bool IsSatisfiedBy(SignedNote note)
    {
        // A group has only members that are named above it, so one pass in that order finds all.
        var holds = CosignersOf(note).Select(w => w.Name).Append(None).ToHashSet(StringComparer.Ordinal);
        foreach (var group in _groups.Where(g => g.Members.Count(holds.Contains) >= g.Threshold))
        {
            holds.Add(group.Name);
        }

        return holds.Contains(_quorum!);
    }

    /// <summary>The witnesses whose cosignature on a note is right.</summary>
    public IEnumerable<PolicyWitness> CosignersOf(SignedNote note) =>
        Witnesses.Where(w => note.SignatureOf(w.Key) is not null);

    private void Read(string[] words)
    {
        switch (words)
        {
            case ["log", var key, .. { Length: <= 1 }]:
                Logs = [.. Logs, New(Of(NoteVerifier.Parse(key), isCosigners: false, "log"), Logs)];
                break;
            case ["witness", var name, var key, .. { Length: <= 1 } rest]:
                RequireNew(name);
                _names.Add(name);
                Witnesses =
                [
                    .. Witnesses,
                    new PolicyWitness(
                        name,
                        New(Of(NoteVerifier.Parse(key), isCosigners: true, "witness"), Witnesses.Select(w => w.Key)),
                        rest is [var url] ? Address(url) : null
                    ),
                ];
                break;
            case ["group", var name, var threshold, .. { Length: > 0 } members]:
                RequireNew(name);
                foreach (var (index, member) in members.Index())
                {
                    RequireKnown(member);
                    if (members.AsSpan(0, index).Contains(member))
                    {
                        throw new FormatException($"'{member}' is a member of the group twice.");
                    }
                }

                _groups.Add((name, Threshold(threshold, members.Length), members));
                _names.Add(name);
                break;
            case ["quorum", var name] when _quorum is null:
                _quorum = name == None ? None : RequireKnown(name);
                break;
            case ["quorum", _]:
                throw new FormatException("there is one quorum, and no second.");
            default:
                throw new FormatException(
                    $"'{words[0]}' is not 'log', 'witness', 'group' or 'quorum' with what it needs."
                );
        }
    }

    private static NoteVerifier Of(NoteVerifier key, bool isCosigners, string what) =>
        key.IsCosigners == isCosigners
            ? key
            : throw new FormatException(
                $"the key of a {what} is of type {(isCosigners ? "4 or 6" : "1")}, this one of type {(int)key.Type}."
            );

    // One key under two names would count twice.
    private static NoteVerifier New(NoteVerifier key, IEnumerable<NoteVerifier> known) =>
        known.Any(k => k.HasSameKeyAs(key)) ? throw new FormatException("the key was named before.") : key;

    private static Uri Address(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            ? address
            : throw new FormatException($"'{url}' is not an address.");

    private static int Threshold(string text, int members) =>
        text switch
        {
            "any" => 1,
            "all" => members,
            _ when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var k)
                    && k >= 1
                    && k <= members => k,
            _ => throw new FormatException($"a group's threshold is 'any', 'all' or 1 to {members}."),
        };

    private string RequireKnown(string name) =>
        _names.Contains(name) ? name : throw new FormatException($"'{name}' is not a witness or group defined above.");

    private void RequireNew(string name)
    {
        if (name == None || _names.Contains(name))
        {
            throw new FormatException($"the name '{name}' is taken.");
        }
    }
}
