using Google.Protobuf;

namespace Ledger.Answers;

/// <summary>Answers that come page by page.</summary>
internal static class Paged
{
    /// <summary>Where the next page begins; empty on the last, null where an answer has no pages.</summary>
    public static string? NextOf(IMessage answer) =>
        answer.Descriptor.FindFieldByName("next_page_token")?.Accessor.GetValue(answer) as string;

    /// <summary>Makes room for the next page's own.</summary>
    public static void ClearNext(IMessage answer) =>
        answer.Descriptor.FindFieldByName("next_page_token").Accessor.Clear(answer);
}
