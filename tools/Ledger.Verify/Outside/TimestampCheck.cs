using System.Text;
using Ledger.Integrity.Checkpoints;
using Ledger.Integrity.Timestamps;

namespace Ledger.Verify.Outside;

/// <summary>
/// Holds the times that entries say against the times that an authority says. Who rewrites the past and signs it again
/// cannot have it timestamped in the past: between an entry and the first timestamp that covers it, no more time may
/// pass than is allowed.
/// </summary>
internal sealed class TimestampCheck
{
    // How far the database's clock and the authority's may differ.
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(5);

    private readonly TimestampTrust _trust;
    private readonly List<(long Size, DateTimeOffset Time)> _times = [];
    private int _next;
    private DateTimeOffset _last;
    private bool _misdated;
    private (long Position, DateTimeOffset RecordedAt)? _firstUncovered;

    private TimestampCheck(TimestampTrust trust) => _trust = trust;

    /// <summary>What is wrong.</summary>
    public List<Finding> Findings { get; } = [];

    /// <summary>The checkpoints that are timestamped: the log must continue each.</summary>
    public List<KnownCheckpoint> Stamped { get; } = [];

    /// <summary>Opens timestamps; null when none are demanded.</summary>
    /// <param name="trust">What the log is held against.</param>
    /// <param name="notes">The published checkpoints, by size.</param>
    /// <param name="responses">The timestamps of some of them.</param>
    public static TimestampCheck? Open(
        Trust trust,
        IReadOnlyDictionary<long, string> notes,
        IEnumerable<(long Size, byte[] Response)> responses
    )
    {
        if (trust.Timestamps is null)
        {
            return null;
        }

        var check = new TimestampCheck(trust.Timestamps);
        foreach (var (size, response) in responses.OrderBy(r => r.Size))
        {
            try
            {
                var note = notes.TryGetValue(size, out var found)
                    ? found
                    : throw new FormatException("the checkpoint that it is of is gone.");
                var checkpoint = trust.Keys.Open(note);
                if (checkpoint.Size != size)
                {
                    throw new FormatException(
                        $"it is filed under size {size}, and its checkpoint is of {checkpoint.Size}."
                    );
                }

                var timestamp = Timestamp.Parse(response);
                timestamp.Verify(
                    Encoding.UTF8.GetBytes(trust.Keys.Alone(SignedNote.Parse(note)).ToString()),
                    trust.Timestamps.Roots
                );
                check._times.Add((size, timestamp.Time));
                check.Stamped.Add(new KnownCheckpoint("timestamped", checkpoint));
            }
            catch (FormatException e)
            {
                check.Findings.Add(
                    new Finding(
                        FindingKind.Modified,
                        null,
                        "timestamp",
                        $"The timestamp of size {size} does not hold: {e.Message}"
                    )
                );
            }
        }

        return check;
    }

    /// <summary>Sees the next entry of the log.</summary>
    public void See(long position, DateTimeOffset recordedAt)
    {
        while (_next < _times.Count && _times[_next].Size <= position)
        {
            Close(_times[_next++]);
        }

        if (recordedAt < _last || recordedAt > _trust.Now + Skew)
        {
            Say(
                position,
                recordedAt,
                recordedAt < _last
                    ? $"the entry before it says {_last:yyyy-MM-dd HH:mm:ss'Z'}"
                    : $"it is {_trust.Now:yyyy-MM-dd HH:mm:ss'Z'} now"
            );
        }

        _firstUncovered ??= (position, recordedAt);
        _last = recordedAt;
    }

    /// <summary>Sees the end of the log.</summary>
    public void End()
    {
        for (; _next < _times.Count; _next++)
        {
            Close(_times[_next]);
        }

        if (_firstUncovered is var (position, recordedAt) && _trust.Now - recordedAt > _trust.Within)
        {
            Findings.Add(
                new Finding(
                    FindingKind.Unwitnessed,
                    position,
                    "timestamp",
                    $"No timestamp covers what is recorded at {recordedAt:yyyy-MM-dd HH:mm:ss'Z'} and after."
                )
            );
        }
    }

    // Only the first: what follows it is dated by it.
    private void Say(long position, DateTimeOffset recordedAt, string against)
    {
        if (!_misdated)
        {
            _misdated = true;
            Findings.Add(
                new Finding(
                    FindingKind.BackDated,
                    position,
                    "recorded_at",
                    $"It says {recordedAt:yyyy-MM-dd HH:mm:ss'Z'}, and {against}."
                )
            );
        }
    }

    private void Close((long Size, DateTimeOffset Time) timestamp)
    {
        if (_firstUncovered is var (position, recordedAt))
        {
            if (timestamp.Time - recordedAt > _trust.Within)
            {
                Findings.Add(
                    new Finding(
                        FindingKind.BackDated,
                        position,
                        "recorded_at",
                        $"It says {recordedAt:yyyy-MM-dd HH:mm:ss'Z'}, and the first timestamp that covers it is "
                            + $"of {timestamp.Time:yyyy-MM-dd HH:mm:ss'Z'}."
                    )
                );
            }
            else if (_last - timestamp.Time > Skew)
            {
                Findings.Add(
                    new Finding(
                        FindingKind.BackDated,
                        timestamp.Size - 1,
                        "recorded_at",
                        $"It says {_last:yyyy-MM-dd HH:mm:ss'Z'}, and a timestamp of "
                            + $"{timestamp.Time:yyyy-MM-dd HH:mm:ss'Z'} covers it."
                    )
                );
            }
        }

        _firstUncovered = null;
    }
}
