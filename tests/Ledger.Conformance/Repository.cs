namespace Ledger.Conformance;

internal static class Repository
{
    public static string Root { get; } = Find();

    private static string Find()
    {
        var at = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(at!.FullName, "Ledger.sln")))
        {
            at = at.Parent;
        }

        return at.FullName;
    }
}
