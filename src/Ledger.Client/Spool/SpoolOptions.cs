using Caf.Ledger.V1;
using Grpc.Core;

namespace Ledger.Client.Spool;

/// <summary>Where consultations wait on this machine while the ledger is away, and how many may.</summary>
public sealed class SpoolOptions
{
    /// <summary>The folder of the spool; made if missing. One process at a time uses it.</summary>
    public string Folder { get; set; } = string.Empty;

    /// <summary>
    /// The file of the key that what waits is enciphered with: 32 bytes, mode 0600, made if missing. Keep it on another
    /// volume than the folder where whoever may read the one may not read the other.
    /// </summary>
    public string KeyFile { get; set; } = string.Empty;

    /// <summary>How many bytes may wait. Beyond it nothing is taken: show no file then.</summary>
    public long MostBytes { get; set; } = 256L * 1024 * 1024;

    /// <summary>How old the oldest that waits may be before the health check says so.</summary>
    public TimeSpan OldestHealthy { get; set; } = TimeSpan.FromMinutes(5);
}

/// <summary>How a spool stands.</summary>
/// <param name="Depth">How many consultations wait.</param>
/// <param name="Bytes">How many bytes they take.</param>
/// <param name="OldestAt">When the oldest of them was taken; null where none waits.</param>
/// <param name="Refused">How many the ledger refused: they are kept, with the reason, for somebody to look at.</param>
public sealed record SpoolState(long Depth, long Bytes, DateTimeOffset? OldestAt, long Refused);

/// <summary>The spool has no room left, or its disk has none: the consultation is not taken.</summary>
public sealed class SpoolFullException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>A consultation that the ledger refused for what it says; it was observed all the same, and is kept.</summary>
/// <param name="Place">Its place in the order of taking.</param>
/// <param name="TakenAt">When the spool took it.</param>
/// <param name="Request">What was sent.</param>
/// <param name="Code">The status of the refusal.</param>
/// <param name="Reason">What the ledger said.</param>
public sealed record RefusedConsultation(
    long Place,
    DateTimeOffset TakenAt,
    RecordConsultationRequest Request,
    StatusCode Code,
    string Reason
);
