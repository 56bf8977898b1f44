using System.Security.Cryptography;
using System.Text;

namespace Ledger.Store.Schema;

/// <summary>The scripts that make the tables beside Marten's.</summary>
internal static class SchemaScripts
{
    /// <summary>What the names of the migrations' resources begin with.</summary>
    public const string MigrationPrefix = "Ledger.Store.Migrations.";

    private const string ReadModelsName = "read-models.sql";

    /// <summary>What tells these read models from those of another program.</summary>
    public static string Fingerprint { get; } =
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Read(ReadModelsName))))[..16];

    /// <summary>The numbered migrations, by number.</summary>
    public static IReadOnlyList<Migration> Migrations { get; } =
    [
        .. typeof(SchemaScripts)
            .Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(MigrationPrefix, StringComparison.Ordinal))
            .Select(name => Migration.Of(name[MigrationPrefix.Length..]))
            .OrderBy(m => m.Number),
    ];

    /// <summary>The read models, in a schema.</summary>
    public static string ReadModels(string schema) =>
        Read(ReadModelsName).Replace("{schema}", schema, StringComparison.Ordinal);

    private static string Read(string name)
    {
        using var script = new StreamReader(typeof(SchemaScripts).Assembly.GetManifestResourceStream(name)!);
        return script.ReadToEnd();
    }
}

/// <summary>A numbered migration of the schema: it is never changed once it was applied anywhere.</summary>
/// <param name="Number">1, 2, 3 …</param>
/// <param name="Name">What it is about.</param>
public sealed record Migration(int Number, string Name)
{
    // V2__versions.sql
    internal static Migration Of(string file)
    {
        var parts = file[1..^".sql".Length].Split("__");
        return new(int.Parse(parts[0], System.Globalization.CultureInfo.InvariantCulture), parts[1].Replace('_', ' '));
    }
}
