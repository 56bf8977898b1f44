using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Ledger.Service.Tests.Callers;

/// <summary>Takes all that the process says of itself: logs at every level, traces, metrics.</summary>
internal sealed class Emitted : ILoggerProvider, ISupportExternalScope
{
    private readonly ConcurrentQueue<(string From, string Text)> _texts = new();
    private readonly ActivityListener _traces;
    private readonly MeterListener _metrics = new();
    private IExternalScopeProvider? _scopes;

    public Emitted()
    {
        _traces = new ActivityListener
        {
            ShouldListenTo = _ => true,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
                Add(
                    "trace",
                    $"{activity.DisplayName} {activity.StatusDescription} "
                        + string.Join(' ', activity.TagObjects.Select(Tag))
                        + string.Join(' ', activity.Events.SelectMany(e => e.Tags).Select(Tag))
                        + string.Join(' ', activity.Baggage)
                ),
        };
        ActivitySource.AddActivityListener(_traces);
        _metrics.InstrumentPublished = (instrument, listener) => listener.EnableMeasurementEvents(instrument);
        _metrics.SetMeasurementEventCallback<long>(Measured);
        _metrics.SetMeasurementEventCallback<int>(Measured);
        _metrics.SetMeasurementEventCallback<double>(Measured);
        _metrics.Start();
    }

    /// <summary>What was said, and where.</summary>
    public IReadOnlyCollection<(string From, string Text)> Texts => _texts;

    public void Add(string from, string text) => _texts.Enqueue((from, text));

    public ILogger CreateLogger(string categoryName) => new Listening(this, categoryName);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

    public void Dispose()
    {
        _traces.Dispose();
        _metrics.Dispose();
    }

    private void Measured<T>(
        Instrument instrument,
        T measurement,
        ReadOnlySpan<KeyValuePair<string, object?>> tags,
        object? state
    )
    {
        var said = instrument.Name;
        foreach (var tag in tags)
        {
            said += " " + Tag(tag);
        }

        Add("metric", said);
    }

    private static string Tag(KeyValuePair<string, object?> tag) =>
        string.Create(CultureInfo.InvariantCulture, $"{tag.Key}={tag.Value}");

    private sealed class Listening(Emitted emitted, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => emitted._scopes?.Push(state);

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        )
        {
            var said = $"{formatter(state, exception)} {exception}";
            if (state is IEnumerable<KeyValuePair<string, object?>> values)
            {
                said += string.Join(' ', values.Select(Tag));
            }

            emitted._scopes?.ForEachScope((scope, _) => said += $" {scope}", said);
            emitted.Add($"log of {category} at {logLevel}", said);
        }
    }
}
