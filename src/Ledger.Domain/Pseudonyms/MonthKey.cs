using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Modes;
using Org.BouncyCastle.Crypto.Parameters;

namespace Ledger.Domain.Pseudonyms;

/// <summary>
/// The key of a month: through it a file has its pseudonym of that month, and what must expire with the month is
/// enciphered. Destroying it is enough: no byte of the log changes, and nobody reads them any more.
/// </summary>
public sealed class MonthKey
{
    private const int KeySize = 32;
    private const int NonceSize = 12;
    private const int TagBits = 128;

    private readonly byte[] _pseudonyms;
    private readonly byte[] _details;
    private readonly byte[] _digests;

    /// <summary>The key of a month.</summary>
    /// <param name="month">The month, <c>yyyy-MM</c>.</param>
    /// <param name="key">32 random bytes.</param>
    public MonthKey(string month, byte[] key)
    {
        Month = month;
        (_pseudonyms, _details, _digests) = (Derived("pseudonym"), Derived("detail"), Derived("digest"));

        byte[] Derived(string what) =>
            HKDF.DeriveKey(
                HashAlgorithmName.SHA256,
                key,
                KeySize,
                info: Encoding.UTF8.GetBytes($"caf-ledger/month/{what}/v1")
            );
    }

    /// <summary>The month, <c>yyyy-MM</c>.</summary>
    public string Month { get; }

    /// <summary>A file's pseudonym in this month.</summary>
    /// <param name="dossier">Its lasting pseudonym.</param>
    public Pseudonym Of(string dossier) =>
        new(Month, Block(dossier, static (aes, block) => aes.EncryptEcb(block, PaddingMode.None)));

    /// <summary>The lasting pseudonym of a file, from that of this month.</summary>
    public string Behind(Pseudonym pseudonym) =>
        Block(pseudonym.Value, static (aes, block) => aes.DecryptEcb(block, PaddingMode.None));

    /// <summary>
    /// Enciphers a text so that the same text gives the same bytes throughout the month: a question finds it, and
    /// whoever has no key sees only that two are equal. AES-256-GCM-SIV (RFC 8452).
    /// </summary>
    /// <param name="what">What it is: the same text is enciphered otherwise elsewhere.</param>
    /// <param name="text">The text.</param>
    public string Seal(string what, string text) => Seal(what, new byte[NonceSize], text);

    /// <summary>Enciphers a text so that equal texts differ.</summary>
    /// <param name="what">What it is.</param>
    /// <param name="of">What tells this text from others: the id of its event's request.</param>
    /// <param name="text">The text.</param>
    public string Seal(string what, Guid of, string text) => Seal(what, NonceOf(of), text);

    /// <summary>Reads what <see cref="Seal(string, string)"/> enciphered.</summary>
    /// <exception cref="InvalidDataException">It is something else's, or it was changed.</exception>
    public string Open(string what, string text) => Open(what, new byte[NonceSize], text);

    /// <summary>Reads what <see cref="Seal(string, Guid, string)"/> enciphered.</summary>
    /// <exception cref="InvalidDataException">It is something else's, or it was changed.</exception>
    public string Open(string what, Guid of, string text) => Open(what, NonceOf(of), text);

    /// <summary>
    /// A digest of what was asked, to be kept: 16 bytes that let nobody without the key find it by trying.
    /// </summary>
    public byte[] Digest(ReadOnlySpan<byte> request) => HMACSHA256.HashData(_digests, request)[..Pseudonym.Size];

    // One block without a mode is sound here and here alone: the block is the output of a keyed hash, so that it is
    // unique to its file and as good as random, and equal blocks are to be equal throughout the month.
    private string Block(string value, Func<Aes, byte[], byte[]> turn)
    {
        using var aes = Aes.Create();
        aes.Key = _pseudonyms;
        return Base64Url.EncodeToString(turn(aes, Pseudonym.Bytes(value)));
    }

    // Callers may count their ids up, so that many begin alike.
    private static byte[] NonceOf(Guid of) => SHA256.HashData(of.ToByteArray(bigEndian: true))[..NonceSize];

    private string Seal(string what, byte[] nonce, string text) =>
        Base64Url.EncodeToString(Run(encrypt: true, what, nonce, Encoding.UTF8.GetBytes(text)));

    private string Open(string what, byte[] nonce, string text)
    {
        try
        {
            return Encoding.UTF8.GetString(Run(encrypt: false, what, nonce, Base64Url.DecodeFromChars(text)));
        }
        catch (Exception e) when (e is CryptoException or FormatException)
        {
            throw new InvalidDataException($"What is enciphered as '{what}' is another's, or was changed.", e);
        }
    }

    private byte[] Run(bool encrypt, string what, byte[] nonce, byte[] input)
    {
        var cipher = new GcmSivBlockCipher();
        cipher.Init(
            encrypt,
            new AeadParameters(new KeyParameter(_details), TagBits, nonce, Encoding.UTF8.GetBytes(what))
        );
        var output = new byte[cipher.GetOutputSize(input.Length)];
        var written = cipher.ProcessBytes(input, 0, input.Length, output, 0);
        written += cipher.DoFinal(output, written);
        return output[..written];
    }
}
