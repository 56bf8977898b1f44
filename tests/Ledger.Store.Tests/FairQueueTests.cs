using Ledger.Store.Appending;
using Microsoft.Extensions.Time.Testing;

namespace Ledger.Store.Tests;

public sealed class FairQueueTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly object _many = new();
    private readonly object _one = new();

    [Fact]
    public async Task One_caller_s_thousand_requests_keep_nobody_else_waiting_for_more_than_a_turn()
    {
        using var queue = await QueueWithManyAsync(64);
        var full = queue.EnqueueAsync(_many, 64, CancellationToken.None).AsTask();
        await queue.EnqueueAsync(_one, 1000, CancellationToken.None);
        full.IsCompleted.ShouldBeFalse("a caller has room for so many and waits beyond");
        (await NextAsync(queue)).ShouldBe([0, 1000], "beside who waits for one answer, a batch is short");
        await full.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Beside_who_sends_much_a_batch_waits_for_the_caller_who_was_answered_and_returns()
    {
        using var queue = await QueueWithManyAsync(64);
        await queue.EnqueueAsync(_one, 1000, CancellationToken.None);
        await NextAsync(queue);
        var next = NextAsync(queue);
        next.IsCompleted.ShouldBeFalse();
        await queue.EnqueueAsync(_one, 1001, CancellationToken.None);
        (await next.WaitAsync(TimeSpan.FromSeconds(10))).ShouldBe([1, 1001]);
    }

    [Fact]
    public async Task Who_does_not_return_is_not_waited_for_long_and_then_batches_are_as_long_as_they_were()
    {
        using var queue = await QueueWithManyAsync(64);
        await queue.EnqueueAsync(_one, 1000, CancellationToken.None);
        await NextAsync(queue);
        var next = NextAsync(queue);
        _time.Advance(TimeSpan.FromMilliseconds(10));
        (await next.WaitAsync(TimeSpan.FromSeconds(10))).ShouldBe([1, 2], "she may still return");
        (await NextAsync(queue)).ShouldBe([3, 4]);
        (await NextAsync(queue)).ShouldBe(Enumerable.Range(5, 8));
    }

    [Fact]
    public async Task Where_there_are_many_callers_each_has_less_room_and_beyond_all_room_one_is_told()
    {
        using var queue = new FairQueue<int>(8, 64, 4, TimeProvider.System);
        foreach (var caller in Enumerable.Range(0, 4))
        {
            await queue.EnqueueAsync(caller, caller, CancellationToken.None);
        }

        queue
            .EnqueueAsync(0, 0, CancellationToken.None)
            .AsTask()
            .IsCompleted.ShouldBeFalse("a fourth of the room is one place");
        await Should.ThrowAsync<QueueFullException>(async () => await queue.EnqueueAsync(4, 4, CancellationToken.None));
    }

    private async Task<FairQueue<int>> QueueWithManyAsync(int items)
    {
        var queue = new FairQueue<int>(8, items, 1024, _time);
        foreach (var item in Enumerable.Range(0, items))
        {
            await queue.EnqueueAsync(_many, item, CancellationToken.None);
        }

        return queue;
    }

    private static async Task<List<int>> NextAsync(FairQueue<int> queue)
    {
        var batch = new List<int>();
        (await queue.NextAsync(batch)).ShouldBeTrue();
        return batch;
    }
}
