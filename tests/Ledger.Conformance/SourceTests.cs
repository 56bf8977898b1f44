namespace Ledger.Conformance;

public sealed class SourceTests
{
    private const int Columns = 120;

    private static readonly string[] Folders = ["protos", "src", "tests", "tools"];

    // The build itself holds C# to it.
    private static readonly string[] Kinds =
    [
        ".csproj",
        ".java",
        ".js",
        ".mjs",
        ".proto",
        ".props",
        ".py",
        ".sh",
        ".sql",
        ".targets",
        "",
    ];

    [Fact]
    public void No_line_of_a_source_file_is_longer_than_120_columns()
    {
        var files = Files();
        files.Count.ShouldBeGreaterThan(20);
        files
            .SelectMany(file =>
                File.ReadLines(file)
                    .Select((line, i) => (Length: line.EnumerateRunes().Count(), Where: $"{file}:{i + 1}"))
            )
            .Where(line => line.Length > Columns)
            .Select(line => line.Where)
            .ShouldBeEmpty();
    }

    private static List<string> Files() =>
        [
            .. Folders
                .SelectMany(folder =>
                    Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*", SearchOption.AllDirectories)
                )
                .Concat(Directory.EnumerateFiles(Repository.Root, "Directory.*"))
                .Where(file => Kinds.Contains(Path.GetExtension(file)) || Path.GetFileName(file)[0] == '.')
                .Where(file =>
                    !file.Split(Path.DirectorySeparatorChar)
                        .Any(part => part is "bin" or "obj" or "build" or "node_modules")
                ),
        ];
}
