using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;

namespace Ledger.Integrity.Evidence;

/// <summary>
/// What a page of evidence shows: everything but the element of its data and that of its proofs, which come after it was
/// made. The log commits to it, so that its words are those that were issued, whichever program made them.
/// </summary>
/// <param name="Head">What stands before the data.</param>
/// <param name="Middle">What stands between the data and the proofs.</param>
/// <param name="Tail">What stands after the proofs.</param>
public sealed record EvidenceRendering(string Head, string Middle, string Tail)
{
    private const string ProofsBegin = "<pre id=\"caf-ledger-proofs\">";
    private const string ProofsEnd = "</pre>";

    /// <summary>
    /// The digest that the log holds: SHA-256 of the statement's salt and the rendering in UTF-8, in base64. A NUL stands
    /// where the data and the proofs stand: moved into a tag, they could hide what follows.
    /// </summary>
    public string Digest(byte[] salt) =>
        Convert.ToBase64String(SHA256.HashData([.. salt, .. Encoding.UTF8.GetBytes($"{Head}\0{Middle}\0{Tail}")]));

    /// <summary>The whole page.</summary>
    public string With(Evidence evidence) => Head + EvidenceFile.Element(evidence) + Middle + Proofs(evidence) + Tail;

    /// <summary>
    /// Whether a page is the one that was issued: its rendering is the one that the log holds the digest of, and the
    /// proofs that it shows are those of its data. Line ends may be those of another system.
    /// </summary>
    /// <param name="file">The page.</param>
    /// <param name="evidence">Its data, which are proved.</param>
    /// <param name="digest">The digest that the event <c>evidence-issued</c> holds.</param>
    public static bool IsIssued(string file, Evidence evidence, string digest)
    {
        var page = file.TrimStart('\uFEFF').Replace("\r\n", "\n", StringComparison.Ordinal);
        return EvidenceFile.Around(page) is var (head, rest)
            && rest.Split(ProofsBegin) is [var middle, var proofs]
            && proofs.IndexOf(ProofsEnd, StringComparison.Ordinal) is >= 0 and var end
            && ProofsBegin + proofs[..(end + ProofsEnd.Length)] == Proofs(evidence)
            && new EvidenceRendering(head, middle, proofs[(end + ProofsEnd.Length)..]).Digest(evidence.Said().Salt)
                == digest;
    }

    // Nothing but data: a program that words things otherwise shows the same.
    private static string Proofs(Evidence evidence) =>
        ProofsBegin
        + HtmlEncoder
            .Default.Encode($"{evidence.Issued.Entry}\n{evidence.Checkpoint}\n{evidence.Vkey}\n")
            .Replace("&#xA;", "\n", StringComparison.Ordinal)
        + ProofsEnd;
}
