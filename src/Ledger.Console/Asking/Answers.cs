using Caf.Ledger.V1;

namespace Ledger.Pages.Asking;

/// <summary>
/// What a session was answered, by what was asked: whoever moves within an answer, turns its page or comes back to it
/// asks nothing new, and nothing more is recorded.
/// </summary>
internal sealed class Answers
{
    private const int Most = 50;

    private readonly Lock _gate = new();
    private readonly OrderedDictionary<string, object> _given = [];

    /// <summary>The answer that was given under a name; null for none.</summary>
    public T? Of<T>(string name)
        where T : class
    {
        lock (_gate)
        {
            if (!_given.Remove(name, out var answer))
            {
                return null;
            }

            _given.Add(name, answer);
            return answer as T;
        }
    }

    /// <summary>The answers that were given under names that begin so.</summary>
    public IReadOnlyList<T> Under<T>(string beginning)
    {
        lock (_gate)
        {
            return [.. Named(beginning).Select(a => a.Value).OfType<T>()];
        }
    }

    /// <summary>Keeps an answer under a name; the one not looked at for longest goes where there are too many.</summary>
    public void Keep(string name, object answer)
    {
        lock (_gate)
        {
            _given.Remove(name);
            _given.Add(name, answer);
            if (_given.Count > Most)
            {
                _given.RemoveAt(0);
            }
        }
    }

    /// <summary>Forgets what was answered under names that begin so: something was done that changes it.</summary>
    public void Forget(string beginning)
    {
        lock (_gate)
        {
            foreach (var (name, _) in Named(beginning).ToList())
            {
                _given.Remove(name);
            }
        }
    }

    private IEnumerable<KeyValuePair<string, object>> Named(string beginning) =>
        _given.Where(a => a.Key.StartsWith(beginning, StringComparison.Ordinal));
}

/// <summary>Who could and who did on one file, with what the ledger knew.</summary>
/// <param name="Known">Up to which position.</param>
/// <param name="Rights">The rights over time.</param>
/// <param name="MoreRights">Whether there are more.</param>
/// <param name="Consultations">The consultations, in the order in which they took place.</param>
/// <param name="Acts">What the rights rest on.</param>
/// <param name="ForgottenMonths">The months of which nothing can be told any more.</param>
/// <param name="IsErased">Whether what was recorded of the file was erased.</param>
/// <param name="MoreConsultations">Whether there are more consultations than are shown.</param>
internal sealed record FileAnswer(
    long Known,
    IReadOnlyList<FileRight> Rights,
    bool MoreRights,
    IReadOnlyList<ConsultationFound> Consultations,
    IReadOnlyList<Act> Acts,
    IReadOnlyList<string> ForgottenMonths,
    bool IsErased,
    bool MoreConsultations
);
