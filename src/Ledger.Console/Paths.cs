namespace Ledger.Pages;

/// <summary>Where the pages are. A question stands in its address, but for the number of a file: a handle does.</summary>
internal static class Paths
{
    public const string Home = "/";
    public const string Entry = "/entrer";
    public const string NotFound = "/introuvable";
    public const string Broken = "/panne";
    public const string Alerts = "/alertes";
    public const string Integrity = "/integrite";

    public const string Questions = "/questions";
    public const string Cases = "/affaires";

    public static string Question(string name) => $"{Questions}/{name}";

    public static string Case(string id) => $"{Cases}/{Uri.EscapeDataString(id)}";

    public static string Partner(string siret) => $"/partenaires/{siret}";

    public static string Agent(string siret, string agent) =>
        $"/partenaires/{siret}/agents/{Uri.EscapeDataString(agent)}";

    public static string Service(string service) => $"/services/{Uri.EscapeDataString(service)}";

    public static string File(string handle) => $"/dossiers/{handle}";

    public static string Act(long position) => FormattableString.Invariant($"/actes/{position}");

    public static string Receipt(long position) => FormattableString.Invariant($"/actes/{position}/accuse.json");
}
