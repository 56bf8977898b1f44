using Npgsql;

namespace Ledger.Store.ReadModels;

/// <summary>The index <c>event_tag</c>: what events are about.</summary>
internal static class TagIndex
{
    /// <summary>What writes the tags of events.</summary>
    public static NpgsqlBatchCommand Insert(IEnumerable<(long Position, string Tag)> tags)
    {
        var all = tags.Distinct().ToList();
        return new("insert into ledger.event_tag (tag, position) select * from unnest($1, $2)")
        {
            Parameters =
            {
                new() { Value = all.ConvertAll(t => t.Tag).ToArray() },
                new() { Value = all.ConvertAll(t => t.Position).ToArray() },
            },
        };
    }
}
