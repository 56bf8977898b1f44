using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Org.BouncyCastle.Asn1.Cmp;
using Org.BouncyCastle.Math;
using Org.BouncyCastle.Tsp;
using BouncyCertificate = Org.BouncyCastle.X509.X509Certificate;

namespace Ledger.Integrity.Timestamps;

/// <summary>
/// An authority's word that some bytes were there at a time: an RFC 3161 response with its token, as <c>openssl ts</c>
/// reads it too.
/// </summary>
public sealed class Timestamp
{
    private const string TimeStamping = "1.3.6.1.5.5.7.3.8";

    private readonly byte[] _response;
    private readonly TimeStampToken _token;

    private Timestamp(byte[] response, TimeStampToken token) => (_response, _token) = (response, token);

    /// <summary>The time that the authority says (RFC 3161, genTime).</summary>
    public DateTimeOffset Time => new(DateTime.SpecifyKind(_token.TimeStampInfo.GenTime, DateTimeKind.Utc));

    /// <summary>A query for these bytes: SHA-256, this nonce, the authority's certificate wanted.</summary>
    public static byte[] Query(ReadOnlySpan<byte> data, ReadOnlySpan<byte> nonce)
    {
        var generator = new TimeStampRequestGenerator();
        generator.SetCertReq(true);
        return generator
            .Generate(TspAlgorithms.Sha256, SHA256.HashData(data), new BigInteger(1, nonce.ToArray()))
            .GetEncoded();
    }

    /// <summary>Reads the response to a query, and checks that it answers that query.</summary>
    /// <exception cref="FormatException">It is no response, a refusal, or the answer to another query.</exception>
    public static Timestamp Answering(byte[] query, byte[] response) =>
        Guarded(
            "The answer is not a timestamp",
            () =>
            {
                var timestamp = Parse(response);
                new TimeStampResponse(response).Validate(new TimeStampRequest(query));
                return timestamp;
            }
        );

    /// <summary>Reads a response. Nothing of it is believed yet: see <see cref="Verify"/>.</summary>
    /// <exception cref="FormatException">It is no response, or one without a token.</exception>
    public static Timestamp Parse(byte[] response) =>
        Guarded(
            "This is not a timestamp response",
            () =>
            {
                var parsed = new TimeStampResponse(response);
                return
                    parsed.TimeStampToken is { } token
                    && parsed.Status is (int)PkiStatus.Granted or (int)PkiStatus.GrantedWithMods
                    ? new Timestamp(response, parsed.TimeStampToken)
                    : throw new FormatException(
                        $"The authority refused: {parsed.GetStatusString() ?? "it does not say why"} (status "
                            + $"{parsed.Status})."
                    );
            }
        );

    /// <summary>
    /// Checks that the token is about these bytes and signed by an authority under one of these roots.
    /// </summary>
    /// <exception cref="FormatException">It is not: the message says why.</exception>
    public void Verify(ReadOnlySpan<byte> data, X509Certificate2Collection roots)
    {
        if (
            !_token.TimeStampInfo.HashAlgorithm.Algorithm.Id.Equals(TspAlgorithms.Sha256, StringComparison.Ordinal)
            || !SHA256.HashData(data).AsSpan().SequenceEqual(_token.TimeStampInfo.GetMessageImprintDigest())
        )
        {
            throw new FormatException("The timestamp is of other bytes.");
        }

        Guarded(
            "The timestamp does not hold",
            () =>
            {
                var certificates = _token.GetCertificates();
                var signer =
                    certificates.EnumerateMatches(_token.SignerID).FirstOrDefault()
                    ?? throw new FormatException("The timestamp does not carry its authority's certificate.");
                _token.Validate(signer);
                RequireChain(signer, certificates.EnumerateMatches(null), roots);
                return true;
            }
        );
    }

    /// <summary>The response, as it was given.</summary>
    public byte[] ToBytes() => [.. _response];

    private void RequireChain(
        BouncyCertificate signer,
        IEnumerable<BouncyCertificate> others,
        X509Certificate2Collection roots
    )
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(roots);
        chain.ChainPolicy.ExtraStore.AddRange(others.Select(Convert).ToArray());
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTimeIgnored = false;
        chain.ChainPolicy.VerificationTime = Time.UtcDateTime;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(TimeStamping));
        using var certificate = Convert(signer);
        if (!chain.Build(certificate))
        {
            throw new FormatException(
                $"The timestamp's authority is not under a trusted root: "
                    + $"{string.Join(" ", chain.ChainStatus.Select(s => s.StatusInformation.Trim()))}"
            );
        }
    }

    private static X509Certificate2 Convert(BouncyCertificate certificate) =>
        X509CertificateLoader.LoadCertificate(certificate.GetEncoded());

    // Hostile bytes end in any of a parser's exceptions: to the caller they are all the same.
    private static T Guarded<T>(string what, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is not (FormatException or OutOfMemoryException))
        {
            throw new FormatException($"{what}: {e.Message}");
        }
    }
}
