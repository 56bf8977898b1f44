using Ledger.Client.Spool;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Ledger.Client;

/// <summary>Adds the ledger to a portal.</summary>
public static class LedgerClientServices
{
    /// <summary>
    /// Adds <see cref="LedgerClient"/> and <see cref="ConsultationRecorder"/>, a health check named <c>ledger</c>, metrics
    /// under the meter <c>Ledger.Client</c>, traces of the source <c>Grpc.Net.Client</c>; and, where
    /// <see cref="LedgerClientOptions.Spool"/> says so, what waits and what sends it. The options are checked when the
    /// portal starts.
    /// </summary>
    public static IServiceCollection AddLedgerClient(
        this IServiceCollection services,
        Action<LedgerClientOptions> configure
    )
    {
        services.AddOptions<LedgerClientOptions>().Configure(configure).ValidateOnStart();
        services.AddSingleton<IValidateOptions<LedgerClientOptions>, LedgerClientOptionsRules>();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(s => new LedgerClient(Options(s), s.GetService<ILoggerFactory>()));
        services.AddSingleton(s => new SpoolHolder(Options(s), s.GetRequiredService<TimeProvider>()));
        services.AddSingleton(s => new ConsultationRecorder(
            s.GetRequiredService<LedgerClient>(),
            s.GetRequiredService<SpoolHolder>(),
            s.GetRequiredService<LedgerClientMetrics>()
        ));
        services.AddSingleton<LedgerClientMetrics>();
        services.AddHostedService<SpoolWorker>();
        services.AddHealthChecks().AddCheck<LedgerClientHealth>("ledger");
        return services;
    }

    private static LedgerClientOptions Options(IServiceProvider services) =>
        services.GetRequiredService<IOptions<LedgerClientOptions>>().Value;
}
