using Ledger.Domain;
using Ledger.Domain.Common;
using Ledger.Domain.Consultations;
using Ledger.Domain.Knowing;
using Ledger.Domain.Retention;
using Ledger.Domain.Usage;
using Ledger.Store.Pseudonyms;
using Ledger.Store.ReadModels;

namespace Ledger.Store.Appending;

/// <summary>
/// Decides the requests of a batch, in memory alone: what is known is a value, and each decision gives the next. An
/// exception of one request, whatever it is, concerns that request alone.
/// </summary>
internal sealed class Decisions
{
    private readonly LogHead _head;
    private readonly Dictionary<Guid, (byte[] Digest, long Position)> _recordedBefore;
    private readonly Dictionary<Guid, AppendRequest> _taken = [];
    private readonly List<Pending> _pending = [];
    private long _next;

    private Decisions(LogHead head, Knowledge known, Dictionary<Guid, (byte[] Digest, long Position)> recordedBefore)
    {
        (_head, Known, _recordedBefore, _next) = (head, known, recordedBefore, head.Frontier.Size);
    }

    /// <summary>What is known once all of it is recorded.</summary>
    public Knowledge Known { get; private set; }

    /// <summary>The events to record, in the order of their positions.</summary>
    public IReadOnlyList<Pending> Pending => _pending;

    /// <summary>What they change in the read models.</summary>
    public ReadModelWriter ReadModels { get; } = new();

    /// <summary>The requests that were refused, or failed, and why.</summary>
    public List<(AppendRequest Request, Exception Why)> Refused { get; } = [];

    /// <summary>The requests that were recorded before, and where.</summary>
    public List<(AppendRequest Request, long Position)> Repeated { get; } = [];

    /// <summary>The requests that came twice in the batch, and the first of each.</summary>
    public List<(AppendRequest Request, AppendRequest First)> Twins { get; } = [];

    /// <summary>Decides requests under the head's lock.</summary>
    public static Decisions Of(
        IReadOnlyList<AppendRequest> requests,
        LogHead head,
        Knowledge known,
        Dictionary<Guid, (byte[] Digest, long Position)> recordedBefore
    )
    {
        var decisions = new Decisions(head, known, recordedBefore);

        // What changes knowledge first: a use is then judged by everything that stands before it in the log.
        var fresh = requests.OrderBy(r => !r.Command.ChangesKnowledge).Where(decisions.IsFresh).ToList();
        foreach (var request in fresh.Where(r => r.Command.ChangesKnowledge))
        {
            decisions.DecideCommand(request);
        }

        decisions.DecideFacts(fresh.FindAll(r => !r.Command.ChangesKnowledge));
        return decisions;
    }

    private bool IsFresh(AppendRequest request)
    {
        var id = request.Context.RequestId;
        if (_recordedBefore.TryGetValue(request.FirstEvent, out var before))
        {
            if (before.Digest.AsSpan().SequenceEqual(request.Digest))
            {
                Repeated.Add((request, before.Position));
            }
            else
            {
                Refused.Add((request, new RequestIdReusedException(id)));
            }

            return false;
        }

        if (_taken.TryAdd(id, request))
        {
            return true;
        }

        if (_taken[id].Digest.AsSpan().SequenceEqual(request.Digest))
        {
            Twins.Add((request, _taken[id]));
        }
        else
        {
            Refused.Add((request, new RequestIdReusedException(id)));
        }

        return false;
    }

    // Each event is learnt at once: a later command of the batch is decided on this one's outcome.
    private void DecideCommand(AppendRequest request)
    {
        try
        {
            var (known, next, made) = (Known, _next, new List<(Pending Pending, ReadModelChange Change, bool Bears)>());
            foreach (var pending in Make(request, known))
            {
                pending.Position = next++;
                Learnt? learnt = Knowledge.Bears(pending.Event)
                    ? known.Learn(new Fact(pending.Position, _head.Now, request.Context, pending.Event))
                    : null;
                var change = ReadModelChange.Of(pending.Position, pending.Event, known, learnt);
                made.Add((pending, change, learnt is not null));
                known = learnt?.Known ?? known;
            }

            // Nothing of a request is taken before all of it is worked out.
            made.ForEach(m => Add(m.Pending, m.Change, m.Bears));
            (Known, _next) = (known, next);
        }
        catch (Exception e) when (IsOfTheRequest(e))
        {
            Refused.Add((request, e));
        }
    }

    // Facts change no knowledge, so their order among themselves is free: those of a journal stand together.
    private void DecideFacts(List<AppendRequest> requests)
    {
        var decided = new List<Pending>(requests.Count);
        foreach (var request in requests)
        {
            try
            {
                decided.AddRange(Make(request, Known));
            }
            catch (Exception e) when (IsOfTheRequest(e))
            {
                Refused.Add((request, e));
            }
        }

        foreach (var pending in decided.GroupBy(p => p.Stream).SelectMany(stream => stream))
        {
            pending.Position = _next++;
            Add(pending, ReadModelChange.Of(pending.Position, pending.Event, Known, null), bears: false);
        }
    }

    private List<Pending> Make(AppendRequest request, Knowledge known)
    {
        if (request.Files?.IsOf(known.FileKey) == false)
        {
            throw new FileKeysChangedException();
        }

        var events = request.Command.Decide(known, request.Context, _head.Clock);
        if (known.DestroyedEpochs.Count > 0)
        {
            RequireKeys(events, known.DestroyedEpochs);
        }

        return events.Count == 0
            ? throw new InvalidOperationException("A command decided nothing: it either records or refuses.")
            :
            [
                .. events.Select(
                    (e, i) =>
                        new Pending(
                            request,
                            e,
                            i,
                            EventCodec.Encode(request.Context, e),
                            e is JournalEvent ? null : known.VersionOf(e)
                        )
                ),
            ];
    }

    // Its key was there when the request was made: nobody would read what is enciphered with it.
    private static void RequireKeys(IEnumerable<LedgerEvent> events, IReadOnlySet<string> destroyed)
    {
        foreach (var e in events)
        {
            var month = e switch
            {
                ConsultationRecorded c => LegalTime.EpochOf(c.OccurredAt),
                UsageEvent u => LegalTime.EpochOf(u.Usage.OccurredAt),
                _ => null,
            };
            if (month is not null && destroyed.Contains(month))
            {
                throw new KeyDestroyedException(month);
            }
        }
    }

    private void Add(Pending pending, ReadModelChange change, bool bears)
    {
        ReadModels.Take(change);
        _head.GovernancePosition = bears ? pending.Position : _head.GovernancePosition;
        pending.GovernancePosition = _head.GovernancePosition;
        pending.Marten.Timestamp = _head.Now;
        _pending.Add(pending);
    }

    // Whatever else happens to it, the process has no memory left, or the batch is cancelled, for everybody.
    private static bool IsOfTheRequest(Exception e) => e is not (OutOfMemoryException or OperationCanceledException);
}
