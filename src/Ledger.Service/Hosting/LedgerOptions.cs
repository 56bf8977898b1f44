namespace Ledger.Service.Hosting;

/// <summary>
/// How the service is set up: section <c>Ledger</c> of the configuration, environment variables <c>Ledger__…</c>
/// included.
/// </summary>
public sealed class LedgerOptions
{
    /// <summary>The name of the section.</summary>
    public const string Section = "Ledger";

    /// <summary>The database. Empty: an embedded PostgreSQL in the data folder.</summary>
    public string ConnectionString { get; set; } = string.Empty;

    /// <summary>Where the embedded PostgreSQL and, unless said otherwise, the keys stand.</summary>
    public string DataFolder { get; set; } = "ledger-data";

    /// <summary>Where the keys stand, apart from the database. Default: <c>keys</c> in the data folder.</summary>
    public string KeyFolder { get; set; } = string.Empty;

    /// <summary>The PKCS#11 module of the device that has the keys. Empty: they are in files.</summary>
    public string Pkcs11Module { get; set; } = string.Empty;

    /// <summary>The label of the device's token.</summary>
    public string Pkcs11Token { get; set; } = string.Empty;

    /// <summary>A file with the token's PIN. Empty: the variable <c>LEDGER_PKCS11_PIN</c>.</summary>
    public string Pkcs11PinFile { get; set; } = string.Empty;

    /// <summary>The origin of a ledger that the embedded default creates. An existing ledger keeps its own.</summary>
    public string Origin { get; set; } = "ledger.localhost/caf";

    /// <summary>
    /// The address to listen on. Any but loopback needs a certificate, and callers that are set up.
    /// </summary>
    public string Address { get; set; } = "127.0.0.1";

    /// <summary>The port to listen on; 0 takes a free one.</summary>
    public int Port { get; set; } = 5080;

    /// <summary>
    /// Whether this node only answers: it records, signs and anchors nothing, and serves a restored copy too.
    /// </summary>
    public bool ReadOnly { get; set; }

    /// <summary>
    /// Whether this node runs the anomaly rules behind the log. One node of a ledger is enough; more do no harm.
    /// </summary>
    public bool WatchAnomalies { get; set; } = true;

    /// <summary>The port of HTTP/1.1, for JSON and tiles; 0 takes a free one; null for none.</summary>
    public int? HttpPort { get; set; }

    /// <summary>The certificate that the service shows, in PEM, and those that it is under. Empty: no TLS.</summary>
    public string Certificate { get; set; } = string.Empty;

    /// <summary>The key of that certificate, in PEM: a file that nobody but its owner reads.</summary>
    public string CertificateKey { get; set; } = string.Empty;

    /// <summary>The mapping file: which client certificate is which client, in which roles and scope.</summary>
    public string Clients { get; set; } = string.Empty;

    /// <summary>A PEM file of the authorities that client certificates are under.</summary>
    public string ClientAuthorities { get; set; } = string.Empty;

    /// <summary>A file of their revocation lists. Empty: nothing is revoked before it expires.</summary>
    public string RevocationList { get; set; } = string.Empty;

    /// <summary>The address of the OpenID Connect provider whose access tokens are accepted. Empty: none.</summary>
    public string OidcAuthority { get; set; } = string.Empty;

    /// <summary>What those tokens name as their audience.</summary>
    public string OidcAudience { get; set; } = string.Empty;

    /// <summary>A PEM file of the roots under which the provider's own certificate is. Empty: the system's.</summary>
    public string OidcRoots { get; set; } = string.Empty;

    /// <summary>Whether no callers are set up: then whoever runs the service calls it, on this machine.</summary>
    public bool CallersAreLocal => Clients.Length == 0 && OidcAuthority.Length == 0;

    /// <summary>
    /// A C2SP tlog-policy file: the witnesses that it names with an address are asked to cosign. Empty: none.
    /// </summary>
    public string WitnessPolicy { get; set; } = string.Empty;

    /// <summary>The address of an RFC 3161 timestamping authority. Empty: none.</summary>
    public string TimestampUrl { get; set; } = string.Empty;

    /// <summary>A PEM file of the roots under which that authority must be.</summary>
    public string TimestampRoots { get; set; } = string.Empty;

    /// <summary>At most one timestamp in that time.</summary>
    public TimeSpan TimestampCadence { get; set; } = TimeSpan.FromHours(1);

    /// <summary>The connection string of an EventStoreDB that mirrors the log. Empty: none.</summary>
    public string Mirror { get; set; } = string.Empty;

    /// <summary>The most questions that are worked on at once: one for each processor of the machine.</summary>
    public int QuestionsAtOnce { get; set; } = Environment.ProcessorCount;

    /// <summary>
    /// The most questions that wait for their turn; beyond, the caller is told when to ask again. One caller has half
    /// of the places.
    /// </summary>
    public int QuestionsWaiting { get; set; } = 62;

    /// <summary>The most answers streamed at once.</summary>
    public int StreamsAtOnce { get; set; } = 32;

    /// <summary>The largest page of an answer, in bytes, unless it has one item alone.</summary>
    public int PageBytes { get; set; } = 3 * 1024 * 1024;

    /// <summary>A file to which the address is written once the service is ready. Empty: none.</summary>
    public string ReadyFile { get; set; } = string.Empty;

    /// <summary>The folder of the keys.</summary>
    public string Keys => KeyFolder.Length > 0 ? KeyFolder : Path.Combine(DataFolder, "keys");
}
