namespace Ledger.Domain.Procedures;

/// <summary>The names of the details of steps that rules and questions look for.</summary>
public static class DetailNames
{
    /// <summary>The partner that a step is about.</summary>
    public const string Siret = "siret";

    /// <summary>The agent that a step is about.</summary>
    public const string Agent = "agent";

    /// <summary>The day on which a termination is to take effect.</summary>
    public const string WishedOn = "wished-on";

    /// <summary>The day of an incident.</summary>
    public const string OccurredOn = "occurred-on";

    /// <summary>The day on which an incident was known.</summary>
    public const string KnownOn = "known-on";

    /// <summary>The service providers that a letter names.</summary>
    public const string Prestataires = "prestataires";

    /// <summary>The last day on which questions rest on a case.</summary>
    public const string ExpiresOn = "expires-on";

    /// <summary>The first day of the period that a step is about.</summary>
    public const string BeginsOn = "begins-on";

    /// <summary>The last day of the period that a step is about.</summary>
    public const string EndsOn = "ends-on";

    /// <summary>The file that a step is about, by its lasting pseudonym.</summary>
    public const string Dossier = "dossier";

    /// <summary>How something ended.</summary>
    public const string Outcome = "outcome";

    /// <summary>A detail with this ending is a date, yyyy-MM-dd.</summary>
    public const string DateSuffix = "-on";
}
