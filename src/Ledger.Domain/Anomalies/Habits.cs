using System.Text.Json.Serialization;

namespace Ledger.Domain.Anomalies;

/// <summary>Something that an agent did, and where it stands in the log.</summary>
/// <param name="At">When.</param>
/// <param name="Position">Where.</param>
public readonly record struct Seen(DateTimeOffset At, long Position);

/// <summary>The session that an agent was last seen in, and its address: enciphered, as in the log.</summary>
public sealed record SeenSession(string Session, string Address, DateTimeOffset At, long Position);

/// <summary>
/// What the rules remember of one agent. Each list is as long as its rule looks back and no longer: an event costs the
/// same however much an agent does.
/// </summary>
public sealed class Habits
{
    /// <summary>The last session.</summary>
    public SeenSession? Session { get; set; }

    /// <summary>The last consultation.</summary>
    public Seen? LastUse { get; set; }

    /// <summary>The last certain anomalies: at most three.</summary>
    public Queue<Seen> Certain { get; set; } = [];

    /// <summary>The last searches: at most thirty.</summary>
    public Queue<Seen> Searches { get; set; } = [];

    /// <summary>The last consultations: at most three.</summary>
    public Queue<Seen> Consultations { get; set; } = [];

    /// <summary>Consultations that followed each other quickly: at most twenty.</summary>
    public Queue<long> Quick { get; set; } = [];

    /// <summary>Consultations in a row with no business file: at most ten.</summary>
    public Queue<long> Fileless { get; set; } = [];

    /// <summary>The day of the last consultation.</summary>
    public DateOnly Day { get; set; }

    /// <summary>How many there were on it.</summary>
    public int Today { get; set; }

    /// <summary>How many there are on a usual day.</summary>
    public double Usual { get; set; }

    /// <summary>Over how many days that was found: at most twenty.</summary>
    public int Days { get; set; }

    /// <summary>The day of the last contextual alert.</summary>
    public DateOnly ToldDay { get; set; }

    /// <summary>The rules that were told of on it.</summary>
    public HashSet<string> Told { get; set; } = [];

    /// <summary>Keeps the last of a queue.</summary>
    public static void Keep<T>(Queue<T> queue, T item, int most)
    {
        queue.Enqueue(item);
        while (queue.Count > most)
        {
            queue.Dequeue();
        }
    }
}

/// <summary>A partner's consultations of one day.</summary>
public sealed class PartnerDay
{
    /// <summary>The day.</summary>
    public DateOnly Day { get; set; }

    /// <summary>How many files were opened.</summary>
    public int Consultations { get; set; }

    /// <summary>By how many agents.</summary>
    public int Agents { get; set; }
}

/// <summary>A convention between the notice of its termination and its effect.</summary>
public sealed class EndingConvention
{
    /// <summary>The day of the effect.</summary>
    public DateOnly Until { get; set; }

    /// <summary>The position of the notice.</summary>
    public long Notice { get; set; }

    /// <summary>The grants since: at most five.</summary>
    public List<long> Grants { get; set; } = [];
}

/// <summary>All that the rules remember: with it they go on where they stopped.</summary>
public sealed class DetectorState
{
    /// <summary>Of each agent, by partner and agent.</summary>
    public Dictionary<string, Habits> Agents { get; set; } = [];

    /// <summary>The last days of each partner: at most eight.</summary>
    public Dictionary<string, Queue<PartnerDay>> Partners { get; set; } = [];

    /// <summary>The conventions that end.</summary>
    public Dictionary<string, EndingConvention> Ending { get; set; } = [];
}

[JsonSerializable(typeof(DetectorState))]
internal sealed partial class DetectorJson : JsonSerializerContext;
