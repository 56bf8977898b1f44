using System.Collections.Concurrent;
using Caf.Ledger.V1;

namespace Ledger.Pages.Asking;

/// <summary>
/// What a session was answered on files, by file and by what the ledger knew: whoever moves within an answer, turns its
/// page or comes back to it asks nothing new, and nothing more is recorded.
/// </summary>
internal sealed class Answers
{
    private const int Most = 50;

    private readonly ConcurrentDictionary<(string Handle, long Known), FileAnswer> _files = new();
    private readonly ConcurrentQueue<(string, long)> _order = new();

    private readonly ConcurrentDictionary<string, object> _given = new();
    private readonly ConcurrentQueue<string> _names = new();

    /// <summary>The answer that was given under a name; null for none.</summary>
    public object? Given(string name) => _given.GetValueOrDefault(name);

    /// <summary>Keeps an answer under a name; the oldest goes where there are too many.</summary>
    public void Give(string name, object answer)
    {
        _given[name] = answer;
        _names.Enqueue(name);
        while (_names.Count > Most && _names.TryDequeue(out var oldest))
        {
            _given.TryRemove(oldest, out _);
        }
    }

    /// <summary>Forgets what was answered under names that begin so: something was done that changes it.</summary>
    public void Forget(string beginning)
    {
        foreach (var name in _given.Keys.Where(n => n.StartsWith(beginning, StringComparison.Ordinal)))
        {
            _given.TryRemove(name, out _);
        }
    }

    /// <summary>The answer, if it was given.</summary>
    public FileAnswer? Of(string handle, long known) => _files.GetValueOrDefault((handle, known));

    /// <summary>The answer with the most knowledge that was given on a file.</summary>
    public FileAnswer? LatestOf(string handle) =>
        _files.Where(f => f.Key.Handle == handle).Select(f => f.Value).MaxBy(a => a.Known);

    /// <summary>Keeps an answer; the oldest goes where there are too many.</summary>
    public void Keep(string handle, FileAnswer answer)
    {
        var key = (handle, answer.Known);
        _files[key] = answer;
        _order.Enqueue(key);
        while (_order.Count > Most && _order.TryDequeue(out var oldest))
        {
            _files.TryRemove(oldest, out _);
        }
    }
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
