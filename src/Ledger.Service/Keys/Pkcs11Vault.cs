using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Ledger.Integrity.Checkpoints;
using Ledger.Service.Hosting;
using Ledger.Store.Keys;
using Net.Pkcs11Interop.Common;
using Net.Pkcs11Interop.HighLevelAPI;
using ISession = Net.Pkcs11Interop.HighLevelAPI.ISession;

namespace Ledger.Service.Keys;

/// <summary>
/// The secrets are in a device (PKCS#11): signing keys never leave it, and the keys of pseudonyms lie in files
/// enciphered by one that does not either. Keys that lay in files before go on until they are rotated or expire.
/// </summary>
public sealed class Pkcs11Vault : IKeyVault, IDisposable
{
    private const string SigningLabel = "caf-ledger-checkpoint";
    private const string SealingLabel = "caf-ledger-sealing";
    private const ulong EdwardsKey = 0x40;
    private const ulong EdwardsKeyPairGeneration = 0x1055;
    private const ulong EdDsa = 0x1057;
    private const ulong AesKey = 0x1f;
    private const ulong AesKeyGeneration = 0x1080;
    private const ulong AesGcm = 0x1087;
    private const int KeySize = 32;
    private const int IdSize = 16;
    private const int IvSize = 12;
    private const int TagBits = 128;

    // DER of the printable string "edwards25519" (PKCS#11 3.0, 2.3.10).
    private static readonly byte[] Curve = [0x13, 0x0c, .. "edwards25519"u8];

    private static readonly Pkcs11InteropFactories Factories = new();

    // A module is begun and ended once for a process, and used by one caller at a time, whoever uses it.
    private static readonly ConcurrentDictionary<string, Lazy<(IPkcs11Library Library, Lock Gate)>> Modules = new();

    private readonly FileVault _files = new();
    private readonly Lock _gate;
    private readonly IPkcs11Library _library;
    private readonly string _token;
    private readonly string _pin;
    private ISession? _session;

    // The library asks for 'libdl', a name that only the headers of development give; the C library has it all since.
    static Pkcs11Vault() =>
        NativeLibrary.SetDllImportResolver(
            typeof(Pkcs11InteropFactories).Assembly,
            (name, assembly, path) =>
                name == "libdl" && OperatingSystem.IsLinux() ? NativeLibrary.Load("libdl.so.2", assembly, path) : 0
        );

    /// <summary>The device behind a module.</summary>
    /// <param name="module">The module's file: a shared library.</param>
    /// <param name="token">The token's label.</param>
    /// <param name="pin">The user's PIN.</param>
    /// <exception cref="SetupException">The module or the token is not there, or the PIN is another.</exception>
    public Pkcs11Vault(string module, string token, string pin)
    {
        (_token, _pin) = (token, pin);
        try
        {
            (_library, _gate) = Modules.GetOrAdd(module, m => new(() => (Load(m), new Lock()))).Value;
        }
        catch (Exception e) when (e is Pkcs11Exception or LibraryArchitectureException or UnmanagedException)
        {
            throw new SetupException($"The PKCS#11 module {module} cannot be loaded: {e.Message}", e);
        }

        try
        {
            Within(_ => true);
        }
        catch (IOException e)
        {
            throw new SetupException(e.Message, e);
        }
    }

    /// <inheritdoc/>
    public (INoteKey Key, string Written) MakeSigningKey(string origin) =>
        Within(session =>
        {
            var id = RandomNumberGenerator.GetBytes(IdSize);
            session.GenerateKeyPair(
                Mechanism(EdwardsKeyPairGeneration),
                [
                    Attribute(CKA.CKA_TOKEN, true),
                    Attribute(CKA.CKA_LABEL, SigningLabel),
                    Attribute(CKA.CKA_ID, id),
                    Attribute(CKA.CKA_VERIFY, true),
                    Attribute(CKA.CKA_EC_PARAMS, Curve),
                ],
                [
                    .. Kept(SigningLabel, id),
                    Attribute(CKA.CKA_SIGN, true),
                    Attribute(CKA.CKA_DECRYPT, false),
                    Attribute(CKA.CKA_UNWRAP, false),
                ],
                out var made,
                out _
            );
            var key = new NoteVerifier(origin, PointOf(session, made));
            return ((INoteKey)new DeviceKey(this, key), DeviceFile.Reference(key));
        });

    /// <inheritdoc/>
    public INoteKey SigningKey(string written) =>
        DeviceFile.IsReference(written)
            ? Keys.SigningKey.Tried(new DeviceKey(this, DeviceFile.KeyOf(written)))
            : _files.SigningKey(written);

    /// <inheritdoc/>
    public byte[] Seal(string name, byte[] key)
    {
        var iv = RandomNumberGenerator.GetBytes(IvSize);
        var (id, enciphered) = Within(s =>
        {
            var sealing = SealingKeys(s) is [var first, ..] ? first : MakeSealingKey(s);
            return (sealing.Id, s.Encrypt(Gcm(iv, name), sealing.Handle, key));
        });
        return DeviceFile.Sealed([.. id, .. iv, .. enciphered]);
    }

    /// <inheritdoc/>
    public byte[] Open(string name, byte[] written)
    {
        if (!DeviceFile.IsSealed(written))
        {
            return _files.Open(name, written);
        }

        var read = DeviceFile.Enciphered(written);
        return read.Length <= IdSize + IvSize
            ? throw new IOException("It is cut off.")
            : Within(s =>
            {
                var sealing = SealingKeys(s).Find(k => k.Id.AsSpan().SequenceEqual(read.AsSpan(0, IdSize)));
                return s.Decrypt(
                    Gcm(read[IdSize..(IdSize + IvSize)], name),
                    sealing.Handle
                        ?? throw new IOException($"The token '{_token}' has not the key that it was enciphered with."),
                    read[(IdSize + IvSize)..]
                );
            });
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            Close();
        }
    }

    private void Close()
    {
        try
        {
            _session?.Dispose();
        }
        catch (Pkcs11Exception)
        {
            // The device is away: so is the session.
        }

        _session = null;
    }

    private static IPkcs11Library Load(string module) =>
        Factories.Pkcs11LibraryFactory.LoadPkcs11Library(Factories, module, AppType.MultiThreaded);

    private byte[] Sign(NoteVerifier key, byte[] text) =>
        Within(s => s.Sign(Mechanism(EdDsa), PrivateHalf(s, key), text));

    // One session, one caller at a time; after a failure another session, since a device may have been away.
    private T Within<T>(Func<ISession, T> use)
    {
        lock (_gate)
        {
            try
            {
                return use(_session ??= Begin());
            }
            catch (Exception e) when (e is Pkcs11Exception or UnmanagedException)
            {
                Close();
                throw new IOException($"The token '{_token}' refused, or is away: {e.Message}", e);
            }
        }
    }

    private ISession Begin()
    {
        var slot =
            _library.GetSlotList(SlotsType.WithTokenPresent).Find(s => s.GetTokenInfo().Label.Trim() == _token)
            ?? throw new IOException($"No token '{_token}' is there.");
        var session = slot.OpenSession(SessionType.ReadWrite);
        try
        {
            session.Login(CKU.CKU_USER, _pin);
        }
        catch (Pkcs11Exception e) when (e.RV == CKR.CKR_USER_ALREADY_LOGGED_IN)
        {
            // A session before this one has.
        }

        return session;
    }

    private IObjectHandle PrivateHalf(ISession session, NoteVerifier key)
    {
        foreach (var half in session.FindAllObjects(Template(CKO.CKO_PUBLIC_KEY, EdwardsKey, SigningLabel)))
        {
            if (PointOf(session, half).AsSpan().SequenceEqual(key.PublicKey))
            {
                var id = session.GetAttributeValue(half, [CKA.CKA_ID])[0].GetValueAsByteArray();
                var halves = session.FindAllObjects([
                    .. Template(CKO.CKO_PRIVATE_KEY, EdwardsKey, SigningLabel),
                    Attribute(CKA.CKA_ID, id),
                ]);
                if (halves is [var one, ..])
                {
                    return one;
                }
            }
        }

        throw new IOException($"The token '{_token}' does not have the key {key}.");
    }

    // Nodes that begin at once may each have made one: what is enciphered names its own.
    private static List<(byte[] Id, IObjectHandle Handle)> SealingKeys(ISession session) =>
        [
            .. session
                .FindAllObjects(Template(CKO.CKO_SECRET_KEY, AesKey, SealingLabel))
                .Select(k => (Id: session.GetAttributeValue(k, [CKA.CKA_ID])[0].GetValueAsByteArray(), Handle: k))
                .Where(k => k.Id.Length == IdSize)
                .OrderBy(k => Convert.ToHexString(k.Id), StringComparer.Ordinal),
        ];

    private static (byte[] Id, IObjectHandle Handle) MakeSealingKey(ISession session)
    {
        var id = RandomNumberGenerator.GetBytes(IdSize);
        var key = session.GenerateKey(
            Mechanism(AesKeyGeneration),
            [
                .. Kept(SealingLabel, id),
                Attribute(CKA.CKA_VALUE_LEN, KeySize),
                Attribute(CKA.CKA_ENCRYPT, true),
                Attribute(CKA.CKA_DECRYPT, true),
                Attribute(CKA.CKA_WRAP, false),
                Attribute(CKA.CKA_UNWRAP, false),
            ]
        );
        return (id, key);
    }

    // What stays in the device, and does not leave it.
    private static List<IObjectAttribute> Kept(string label, byte[] id) =>
        [
            Attribute(CKA.CKA_TOKEN, true),
            Attribute(CKA.CKA_PRIVATE, true),
            Attribute(CKA.CKA_LABEL, label),
            Attribute(CKA.CKA_ID, id),
            Attribute(CKA.CKA_SENSITIVE, true),
            Attribute(CKA.CKA_EXTRACTABLE, false),
        ];

    // An octet string of the point, or the point: devices differ.
    private static byte[] PointOf(ISession session, IObjectHandle half)
    {
        var point = session.GetAttributeValue(half, [CKA.CKA_EC_POINT])[0].GetValueAsByteArray();
        return point.Length == KeySize + 2 ? point[2..] : point;
    }

    private static List<IObjectAttribute> Template(CKO kind, ulong type, string label) =>
        [
            Factories.ObjectAttributeFactory.Create(CKA.CKA_CLASS, kind),
            Factories.ObjectAttributeFactory.Create(CKA.CKA_KEY_TYPE, type),
            Attribute(CKA.CKA_LABEL, label),
        ];

    private static IMechanism Mechanism(ulong type) => Factories.MechanismFactory.Create(type);

    private static IMechanism Gcm(byte[] iv, string name) =>
        Factories.MechanismFactory.Create(
            AesGcm,
            Factories.MechanismParamsFactory.CreateCkGcmParams(iv, IvSize * 8, Encoding.UTF8.GetBytes(name), TagBits)
        );

    private static IObjectAttribute Attribute(CKA type, bool value) =>
        Factories.ObjectAttributeFactory.Create(type, value);

    private static IObjectAttribute Attribute(CKA type, string value) =>
        Factories.ObjectAttributeFactory.Create(type, value);

    private static IObjectAttribute Attribute(CKA type, byte[] value) =>
        Factories.ObjectAttributeFactory.Create(type, value);

    private static IObjectAttribute Attribute(CKA type, ulong value) =>
        Factories.ObjectAttributeFactory.Create(type, value);

    // A key whose private half stays where it is.
    private sealed class DeviceKey(Pkcs11Vault vault, NoteVerifier key) : INoteKey
    {
        public NoteVerifier Verifier => key;

        public byte[] Sign(byte[] text) => vault.Sign(key, text);
    }
}
