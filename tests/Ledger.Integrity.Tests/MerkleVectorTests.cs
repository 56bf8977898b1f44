using System.Text.Json;
using Ledger.Integrity.Merkle;

namespace Ledger.Integrity.Tests;

/// <summary>The published RFC 6962 proof vectors: each file says whether its proof must hold.</summary>
public sealed class MerkleVectorTests
{
    private static readonly string? Folder = FindFolder();

    public static TheoryData<string> Inclusion => Files("inclusion");

    public static TheoryData<string> Consistency => Files("consistency");

    [VectorTheory, MemberData(nameof(Inclusion))]
    public void An_inclusion_vector_gives_the_wanted_result(string file)
    {
        var vector = Read(file);
        var holds =
            TryHashes(vector, "proof", out var proof)
            && TryHash(vector, "root", out var root)
            && TryHash(vector, "leafHash", out var leaf)
            && TryNumber(vector, "leafIdx", out var index)
            && TryNumber(vector, "treeSize", out var size)
            && MerkleProof.VerifyInclusion(index, size, leaf, proof, root);
        holds.ShouldBe(!vector.GetProperty("wantErr").GetBoolean(), file);
    }

    [VectorTheory, MemberData(nameof(Consistency))]
    public void A_consistency_vector_gives_the_wanted_result(string file)
    {
        var vector = Read(file);
        var holds =
            TryHashes(vector, "proof", out var proof)
            && Root(vector, "root1") is var oldRoot
            && Root(vector, "root2") is var newRoot
            && TryNumber(vector, "size1", out var oldSize)
            && TryNumber(vector, "size2", out var newSize)
            && MerkleProof.VerifyConsistency(oldSize, newSize, oldRoot, newRoot, proof);
        holds.ShouldBe(!vector.GetProperty("wantErr").GetBoolean(), file);
    }

    private static string? FindFolder()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            var folder = Path.Combine(at.FullName, "shared", "vectors", "rfc6962");
            if (Directory.Exists(folder))
            {
                return folder;
            }
        }

        return null;
    }

    private static TheoryData<string> Files(string kind) =>
        Folder is null
            ? new TheoryData<string>("none")
            : new TheoryData<string>(
                Directory
                    .EnumerateFiles(Path.Combine(Folder, kind), "*.json", SearchOption.AllDirectories)
                    .Select(f => Path.GetRelativePath(Folder, f))
                    .Order(StringComparer.Ordinal)
            );

    private static JsonElement Read(string file) =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder!, file))).RootElement;

    private static bool TryHash(JsonElement vector, string name, out Hash256 hash) =>
        Hash256.TryParseBase64(vector.GetProperty(name).GetString(), out hash);

    // Some vectors give text of another length where the roots need only be equal or not. A Hash256 cannot hold that;
    // its own digest stands for it, and is equal exactly when the text is.
    private static Hash256 Root(JsonElement vector, string name) =>
        TryHash(vector, name, out var hash) ? hash : Hash256.Of(vector.GetProperty(name).GetBytesFromBase64());

    private static bool TryHashes(JsonElement vector, string name, out List<Hash256> hashes)
    {
        hashes = [];
        if (vector.GetProperty(name).ValueKind == JsonValueKind.Null)
        {
            return true;
        }

        foreach (var element in vector.GetProperty(name).EnumerateArray())
        {
            if (!Hash256.TryParseBase64(element.GetString(), out var hash))
            {
                return false;
            }

            hashes.Add(hash);
        }

        return true;
    }

    private static bool TryNumber(JsonElement vector, string name, out long number) =>
        vector.GetProperty(name).TryGetInt64(out number);

    private sealed class VectorTheoryAttribute : TheoryAttribute
    {
        public VectorTheoryAttribute() =>
            Skip = Folder is null ? "The RFC 6962 vectors (shared/vectors) are not beside this checkout." : null;
    }
}
