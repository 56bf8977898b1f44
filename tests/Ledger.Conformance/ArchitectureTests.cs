using System.Xml.Linq;

namespace Ledger.Conformance;

/// <summary>The arrows between the projects point down, and the verifier never links what it judges.</summary>
public sealed class ArchitectureTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Ledger.Integrity"] = [],
        ["Ledger.Domain"] = [],
        ["Ledger.Presentation"] = ["Ledger.Domain", "Ledger.Integrity"],
        ["Ledger.Store"] = ["Ledger.Domain", "Ledger.Integrity"],
        ["Ledger.Anchors"] = ["Ledger.Integrity"],
        ["Ledger.Service"] =
        [
            "Ledger.Store",
            "Ledger.Anchors",
            "Ledger.Presentation",
            "Ledger.Domain",
            "Ledger.Integrity",
        ],
        ["Ledger.Client"] = ["Ledger.Integrity"],
        ["Ledger.Sample"] = ["Ledger.Client"],
        ["Ledger.Answers"] = ["Ledger.Client", "Ledger.Presentation"],
        ["Ledger.Console"] =
        [
            "Ledger.Answers",
            "Ledger.Client",
            "Ledger.Presentation",
            "Ledger.Domain",
            "Ledger.Integrity",
        ],
        ["Ledger.Verify"] = ["Ledger.Anchors", "Ledger.Presentation", "Ledger.Integrity", "Ledger.Domain"],
        ["Ledger.Cli"] =
        [
            "Ledger.Answers",
            "Ledger.Client",
            "Ledger.Console",
            "Ledger.Service",
            "Ledger.Store",
            "Ledger.Presentation",
            "Ledger.Domain",
            "Ledger.Integrity",
        ],
        ["Ledger.Bench"] =
        [
            "Ledger.Client",
            "Ledger.Service",
            "Ledger.Store",
            "Ledger.Verify",
            "Ledger.Domain",
            "Ledger.Integrity",
        ],
    };

    [Fact]
    public void There_is_no_project_but_those_of_the_design() =>
        Projects("src").Concat(Projects("tools")).Select(Name).Order().ShouldBe(Allowed.Keys.Order());

    [Fact]
    public void No_project_references_one_that_it_may_not()
    {
        foreach (var project in Projects("src").Concat(Projects("tools")))
        {
            var linked = XDocument
                .Load(project)
                .Descendants("ProjectReference")
                .Where(r => (string?)r.Attribute("ReferenceOutputAssembly") != "false");
            linked
                .Select(r => Path.GetFileNameWithoutExtension((string)r.Attribute("Include")!))
                .Except(Allowed[Name(project)])
                .ShouldBeEmpty($"{Name(project)} may not reference these");
        }
    }

    [Theory]
    [InlineData("Ledger.Domain", "BouncyCastle.Cryptography")]
    [InlineData("Ledger.Integrity", "BouncyCastle.Cryptography")]
    public void The_pure_cores_use_nothing_but_the_base_class_library_and_cryptography(
        string name,
        params string[] packages
    )
    {
        var project = Projects("src").Single(p => Name(p) == name);
        XDocument
            .Load(project)
            .Descendants("PackageReference")
            .Select(r => (string)r.Attribute("Include")!)
            .ShouldBe(packages);
        var source = Directory
            .EnumerateFiles(Path.GetDirectoryName(project)!, "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal));
        foreach (var file in source)
        {
            var text = File.ReadAllText(file);
            foreach (
                var io in new[]
                {
                    "System.IO",
                    " File.",
                    "(File.",
                    "System.Net",
                    "HttpClient",
                    "Guid.NewGuid",
                    "Environment.",
                }
            )
            {
                text.ShouldNotContain(io, Case.Sensitive, file);
            }
        }
    }

    [Fact]
    public void Every_test_project_is_that_of_a_project_or_crosses_all_of_them() =>
        Projects("tests")
            .Select(Name)
            .Except(Allowed.Keys.Select(n => $"{n}.Tests"))
            .Order()
            .ShouldBe(["Ledger.Conformance", "Ledger.EndToEnd"]);

    [Fact]
    public void The_top_level_holds_what_was_agreed_and_nothing_else() =>
        Directory
            .EnumerateFileSystemEntries(Repository.Root)
            .Select(Path.GetFileName)
            .Where(name =>
                !name!.StartsWith('.') && !name.StartsWith("Directory.", StringComparison.Ordinal) && name != "LICENSE"
            )
            .Order()
            .ShouldBe(
                [
                    "CHANGELOG.md",
                    "CONTRIBUTING.md",
                    "Ledger.sln",
                    "README.md",
                    "SECURITY.md",
                    "docs",
                    "global.json",
                    "protos",
                    "src",
                    "tests",
                    "tools",
                ],
                ignoreOrder: true
            );

    private static IEnumerable<string> Projects(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.csproj", SearchOption.AllDirectories);

    private static string Name(string project) => Path.GetFileNameWithoutExtension(project);
}
