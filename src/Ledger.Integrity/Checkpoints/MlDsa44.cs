using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;

namespace Ledger.Integrity.Checkpoints;

/// <summary>ML-DSA-44 of FIPS 204: signatures that a quantum computer does not forge.</summary>
internal static class MlDsa44
{
    /// <summary>The length of a public key in bytes.</summary>
    public const int PublicKeySize = 1312;

    /// <summary>The length of a signature in bytes.</summary>
    public const int SignatureSize = 2420;

    /// <summary>The public key of a 32-byte seed (FIPS 204, section 5.1).</summary>
    public static byte[] PublicKeyOf(byte[] seed) => PrivateKeyOf(seed).GetPublicKeyEncoded();

    /// <summary>Signs a message, with no context.</summary>
    public static byte[] Sign(byte[] seed, byte[] message)
    {
        var signer = new MLDsaSigner(MLDsaParameters.ml_dsa_44, deterministic: false);
        signer.Init(forSigning: true, PrivateKeyOf(seed));
        signer.BlockUpdate(message, 0, message.Length);
        return signer.GenerateSignature();
    }

    /// <summary>Whether a signature over a message is right.</summary>
    public static bool Verify(byte[] publicKey, byte[] message, byte[] signature)
    {
        var signer = new MLDsaSigner(MLDsaParameters.ml_dsa_44, deterministic: false);
        signer.Init(forSigning: false, MLDsaPublicKeyParameters.FromEncoding(MLDsaParameters.ml_dsa_44, publicKey));
        signer.BlockUpdate(message, 0, message.Length);
        return signer.VerifySignature(signature);
    }

    private static MLDsaPrivateKeyParameters PrivateKeyOf(byte[] seed) =>
        MLDsaPrivateKeyParameters.FromSeed(MLDsaParameters.ml_dsa_44, seed);
}
