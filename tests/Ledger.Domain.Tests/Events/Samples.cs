using System.Reflection;
using Ledger.Domain.Common;
using Ledger.Domain.Consultations;
using Ledger.Domain.Rights;
using static Ledger.Tests.SampleHistory;

namespace Ledger.Domain.Tests.Events;

/// <summary>An example of every event: once with everything that it may say, once with nothing that it need not.</summary>
internal static class Samples
{
    private static readonly NullabilityInfoContext Nullability = new();

    /// <summary>The examples of an event, in the order in which the golden file has them.</summary>
    public static IEnumerable<(EventContext Context, LedgerEvent Event)> Of(Type type)
    {
        var full = new EventContext(
            new Actor(AgentId.Parse("robot-1"), Caf, null, AgentId.Parse("agent-a1")),
            Id(1),
            "letter of 10 March, « reçue » + registered",
            "case-7"
        )
        {
            RecordedBy = CallerId.Parse("portal-1"),
        };
        var least = new EventContext(By(Agent), Id(2));
        yield return (full, (LedgerEvent)Make(type, isFull: true, "Event")!);
        yield return (least, (LedgerEvent)Make(type, isFull: false, "Event")!);
        if (type == typeof(ConsultationRecorded))
        {
            yield return (least, Ordinary());
            yield return (
                full,
                Ordinary() with
                {
                    Claimed = HabilitationId.Parse("none"),
                    Verdict = new([Reason.HabilitationUnknown], null, [], 8),
                }
            );
        }
    }

    // What is recorded millions of times.
    private static ConsultationRecorded Ordinary() =>
        (ConsultationRecorded)
            Consultation(2, use: Use("2026-03-10T10:00:00Z", claimed: HabC3))
                .Decide(World.UpToAGrant().Known, new EventContext(By(Agent), Id(2)), World.Now)[0];

    private static object? Make(Type type, bool isFull, string name)
    {
        if (Nullable.GetUnderlyingType(type) is { } underlying)
        {
            return isFull ? Make(underlying, isFull, name) : null;
        }

        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>))
        {
            var of = type.GetGenericArguments()[0];
            var list = Array.CreateInstance(of, isFull ? 1 : 0);
            if (isFull)
            {
                list.SetValue(Make(of, isFull, name), 0);
            }

            return list;
        }

        return type switch
        {
            _ when type == typeof(string) => name is "File" or "Dossier"
                ? DossierOf(1)
                : $"a {name.ToLowerInvariant()}",
            _ when type == typeof(int) => 3,
            _ when type == typeof(long) => 12L,
            _ when type == typeof(bool) => isFull,
            _ when type == typeof(Guid) => Id(3),
            _ when type == typeof(DateOnly) => Day("2026-03-10"),
            _ when type == typeof(DateTimeOffset) => At(
                isFull ? "2026-03-10T10:00:00.123456Z" : "2026-03-10T10:00:00Z"
            ),
            _ when type == typeof(CafCode) => Caf,
            _ when type == typeof(Siret) => Commune,
            _ when type == typeof(CommuneCode) => CommuneCode.Parse("76575"),
            _ when type == typeof(Perimeter) => isFull
                ? new Perimeter.Communes([CommuneCode.Parse("76575")])
                : new Perimeter.WholeCaf(),
            _ when type == typeof(IReadOnlyDictionary<string, string>) => new SortedDictionary<string, string>
            {
                ["epoch"] = "2026-03",
            },
            _ when type.IsEnum => Enum.GetValues(type).GetValue(isFull ? Enum.GetValues(type).Length - 1 : 0),
            _ when type.GetMethod("Parse", [typeof(string)]) is { } parse => parse.Invoke(
                null,
                [$"{name.ToLowerInvariant()}-1"]
            ),
            _ => MakeOf(type.GetConstructors().MaxBy(c => c.GetParameters().Length)!, isFull),
        };
    }

    private static object MakeOf(ConstructorInfo constructor, bool isFull) =>
        constructor.Invoke([
            .. constructor
                .GetParameters()
                .Select(p =>
                    !isFull && Nullability.Create(p).WriteState == NullabilityState.Nullable
                        ? null
                        : Make(p.ParameterType, isFull, p.Name!)
                ),
        ]);
}
