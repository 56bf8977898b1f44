using System.Collections.Frozen;
using System.Reflection;
using System.Text.Json.Serialization;

namespace Ledger.Domain.Rights;

/// <summary>The stable names of the reasons, as they are in the log.</summary>
public static class ReasonNames
{
    private static readonly FrozenDictionary<Reason, string> Names = Enum.GetValues<Reason>()
        .ToFrozenDictionary(
            r => r,
            r => typeof(Reason).GetField(r.ToString())!.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()!.Name
        );

    /// <summary>The name of a reason.</summary>
    public static string Of(Reason reason) => Names[reason];
}
