namespace Ledger.Pages;

/// <summary>Where the pages are. A question stands in its address, but for the number of a file: a handle does.</summary>
internal static class Paths
{
    public const string Home = "/";
    public const string Entry = "/entrer";
    public const string NotFound = "/introuvable";
    public const string Alerts = "/alertes";
    public const string Integrity = "/integrite";

    public static string File(string handle) => $"/dossiers/{handle}";

    public static string Act(long position) => FormattableString.Invariant($"/actes/{position}");

    public static string Receipt(long position) => FormattableString.Invariant($"/actes/{position}/accuse.json");
}
