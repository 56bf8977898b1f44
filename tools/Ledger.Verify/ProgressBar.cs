using Spectre.Console;

namespace Ledger.Verify;

/// <summary>A bar on the error stream when someone is watching, and nothing otherwise.</summary>
internal static class ProgressBar
{
    public static async Task<T> WatchAsync<T>(Func<IProgress<(long Read, long Total)>, Task<T>> work)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        if (Console.IsErrorRedirected)
        {
            return await work(new Reporter(null));
        }

        return await console
            .Progress()
            .AutoClear(true)
            .StartAsync(context => work(new Reporter(context.AddTask("verifying"))));
    }

    private sealed class Reporter(ProgressTask? bar) : IProgress<(long Read, long Total)>
    {
        public void Report((long Read, long Total) value)
        {
            if (bar is not null)
            {
                bar.MaxValue = Math.Max(1, value.Total);
                bar.Value = value.Read;
            }
        }
    }
}
