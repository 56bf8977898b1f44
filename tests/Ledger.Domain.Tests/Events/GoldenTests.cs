using System.Text;
using System.Text.Json.Nodes;
using Ledger.Domain.Common;
using Ledger.Domain.Events;
using Ledger.Domain.Partenariats;
using static Ledger.Tests.SampleHistory;

namespace Ledger.Domain.Tests.Events;

/// <summary>
/// The bytes of every version of every event, for ever: a file each, a line an example. A file is never changed: an
/// event that has to say something else gets another version.
/// </summary>
public sealed class GoldenTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Events", "Golden");

    public static TheoryData<string> Names => [.. EventForms.All.Select(f => f.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void An_event_is_written_as_ever(string name)
    {
        if (EventForms.All.Single(f => f.Name == name) is { IsCurrent: true } form)
        {
            Lines(name).ShouldBe(Samples.Of(form.Type).Select(s => Encoding.UTF8.GetString(Encode(s))));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void An_event_is_read_as_ever_and_says_all_that_was_written(string name)
    {
        foreach (var line in Lines(name))
        {
            var read = EventCodec.Decode(name, Encoding.UTF8.GetBytes(line));
            if (EventForms.All.Single(f => f.Name == name).IsCurrent)
            {
                Encoding.UTF8.GetString(Encode(read)).ShouldBe(line);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_member_that_is_missing_is_an_error_unless_the_event_may_do_without_it(string name)
    {
        foreach (var line in Lines(name))
        {
            foreach (var path in Objects(JsonNode.Parse(line)!, "details", "particulars"))
            {
                foreach (var member in At(JsonNode.Parse(line)!, path).Select(m => m.Key).ToList())
                {
                    var without = JsonNode.Parse(line)!;
                    At(without, path).Remove(member);
                    RefusedOrKept(name, Json(without), $"{string.Join('.', path)} without {member}");
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_member_that_no_version_has_is_an_error(string name)
    {
        foreach (var line in Lines(name))
        {
            foreach (var path in Objects(JsonNode.Parse(line)!, "details", "particulars"))
            {
                var with = JsonNode.Parse(line)!;
                At(with, path).Add("isKnowledge", true);
                Should.Throw<FormatException>(() => EventCodec.Decode(name, Bytes(with)), string.Join('.', path));
            }

            var twice = line.Replace("\"event\":{", "\"event\":{},\"event\":{", StringComparison.Ordinal);
            Should.Throw<FormatException>(() => EventCodec.Decode(name, Encoding.UTF8.GetBytes(twice)));
        }
    }

    [Fact]
    public void No_golden_file_is_of_an_event_that_is_gone() =>
        Directory
            .EnumerateFiles(Folder)
            .Select(f => Path.GetFileNameWithoutExtension(f))
            .Order(StringComparer.Ordinal)
            .ShouldBe(EventForms.All.Select(f => f.Name).Order(StringComparer.Ordinal));

    [Fact]
    public void The_ordinary_consultation_is_small() =>
        Lines("consultation-recorded.v1")[2].Length.ShouldBeLessThanOrEqualTo(420);

    [Fact]
    public void An_event_of_earlier_times_is_read_as_today_s()
    {
        var earlier = new EventForm<AgentAttached, AgentFunctionChanged>(
            "agent-function-set.v0",
            (form, _) => new AgentFunctionChanged(form.Convention, form.Agent, form.Function, form.From, form.From)
        );
        var content = """
            {"context":{"actor":{"id":"g1","siret":"21760575700012"},"requestId":"00000001-0001-0001-0102-030405060708",
             "recordedBy":"local"},
             "event":{"convention":"conv-1","agent":"agent-c3","function":"clerk","from":"2026-03-10"}}
            """;
        var (_, read) = EventCodec.Decode(earlier, Encoding.UTF8.GetBytes(content));
        read.ShouldBe(new AgentFunctionChanged(Convention, Agent, "clerk", Day("2026-03-10"), Day("2026-03-10")));
        Should.Throw<InvalidOperationException>(() =>
            earlier.Write(new System.Text.Json.Utf8JsonWriter(Stream.Null), read, new EventContext(ByCaf, Id(1)))
        );
    }

    private static byte[] Encode((EventContext Context, LedgerEvent Event) e) => EventCodec.Encode(e.Context, e.Event);

    private static string[] Lines(string name) => File.ReadAllLines(Path.Combine(Folder, $"{name}.jsonl"));

    private static string Json(JsonNode node) =>
        node.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    private static byte[] Bytes(JsonNode node) => Encoding.UTF8.GetBytes(Json(node));

    // What is read without a member says nothing in its place: it is written without it again.
    private static void RefusedOrKept(string name, string content, string what)
    {
        try
        {
            var read = EventCodec.Decode(name, Encoding.UTF8.GetBytes(content));
            Encoding.UTF8.GetString(Encode(read)).ShouldBe(content, what);
        }
        catch (FormatException)
        {
            // Refused.
        }
    }

    // The paths of the objects whose members an event's version fixes: not those of a procedure's details.
    private static IEnumerable<string[]> Objects(JsonNode node, params string[] free)
    {
        yield return [];
        foreach (var (name, value) in node.AsObject().Where(m => m.Value is JsonObject && !free.Contains(m.Key)))
        {
            foreach (var path in Objects(value!, free))
            {
                yield return [name, .. path];
            }
        }
    }

    private static JsonObject At(JsonNode node, string[] path) =>
        path.Aggregate(node, (n, member) => n[member]!).AsObject();
}
