namespace Ledger.Store.Schema;

/// <summary>The scripts that make the tables beside Marten's.</summary>
internal static class SchemaScripts
{
    /// <summary>The log's tables, functions and triggers.</summary>
    public static string Log { get; } = Read("log.sql");

    /// <summary>The read models, in a schema.</summary>
    public static string ReadModels(string schema) =>
        Read("read-models.sql").Replace("{schema}", schema, StringComparison.Ordinal);

    private static string Read(string name)
    {
        using var script = new StreamReader(typeof(SchemaScripts).Assembly.GetManifestResourceStream(name)!);
        return script.ReadToEnd();
    }
}
