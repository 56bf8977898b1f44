using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Serialization;
using Ledger.Domain.Common;
using Ledger.Service.Hosting;

namespace Ledger.Service.Callers;

/// <summary>A machine, and what it is to the ledger: an item of the mapping file.</summary>
/// <param name="Client">Its name, recorded with what it records.</param>
/// <param name="Roles">What it is.</param>
/// <param name="Cafs">The Caf that it calls for; <c>*</c> for all.</param>
/// <param name="Sirets">The partners that it calls for; <c>*</c> for all.</param>
/// <param name="Subject">The subject of its certificate, as <c>openssl x509 -subject -nameopt RFC2253,-esc_msb,utf8</c> writes it.</param>
/// <param name="Sha256">The SHA-256 of its certificate, in hexadecimal digits; instead of the subject.</param>
internal sealed record MappedClient(
    string Client,
    IReadOnlyList<string> Roles,
    IReadOnlyList<string> Cafs,
    IReadOnlyList<string> Sirets,
    string? Subject = null,
    string? Sha256 = null
);

/// <summary>The mapping file: which certificate is which client, in which roles and scope.</summary>
internal sealed class ClientMap
{
    private static readonly JsonSerializerOptions Strict = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        AllowDuplicateProperties = false,
        ReadCommentHandling = JsonCommentHandling.Skip,
    };

    private readonly Dictionary<string, Caller> _bySubject = [];
    private readonly Dictionary<string, Caller> _byHash = [];

    private ClientMap(IReadOnlyList<MappedClient> clients)
    {
        foreach (var client in clients)
        {
            var caller = CallerIn(client);
            var (into, key) = (client.Subject, client.Sha256) switch
            {
                ({ Length: > 0 } subject, null) => (_bySubject, new X500DistinguishedName(subject).Name),
                (null, { } hash) => (_byHash, Hash(client.Client, hash)),
                _ => throw new FormatException($"'{client.Client}' has either a subject or a sha256."),
            };
            if (!into.TryAdd(key, caller))
            {
                throw new FormatException($"'{client.Client}' has the certificate of another client.");
            }
        }
    }

    /// <summary>Reads a mapping file.</summary>
    /// <exception cref="SetupException">It is none: the message says which item is wrong, and how.</exception>
    public static ClientMap Read(string file)
    {
        try
        {
            var clients = JsonSerializer.Deserialize<IReadOnlyList<MappedClient?>>(File.ReadAllText(file), Strict);
            return clients?.All(c => c is not null && IsWhole(c)) == true
                ? new ClientMap([.. clients.OfType<MappedClient>()])
                : throw new FormatException("It is a list of clients with their names, and nothing in it is null.");
        }
        catch (Exception e)
            when (e
                    is IOException
                        or UnauthorizedAccessException
                        or JsonException
                        or FormatException
                        or System.Security.Cryptography.CryptographicException
            )
        {
            throw new SetupException($"Ledger:Clients, {file}: {e.Message}", e);
        }
    }

    private static bool IsWhole(MappedClient client) =>
        client.Client.Length > 0
        && client.Roles.Concat(client.Cafs).Concat(client.Sirets).All(text => text is not null);

    private static string Hash(string client, string text)
    {
        var hash = text.Replace(":", string.Empty, StringComparison.Ordinal).ToUpperInvariant();
        return hash.Length == 64 && hash.All(char.IsAsciiHexDigit)
            ? hash
            : throw new FormatException($"The sha256 of '{client}' has 64 hexadecimal digits.");
    }

    /// <summary>The client that a certificate is of, if it is one's.</summary>
    public Caller? Find(X509Certificate2 certificate)
    {
        var hash = certificate.GetCertHashString(System.Security.Cryptography.HashAlgorithmName.SHA256);
        var found = _byHash.GetValueOrDefault(hash) ?? _bySubject.GetValueOrDefault(certificate.SubjectName.Name);
        return found is null ? null : found with { Until = certificate.NotAfter.ToUniversalTime() };
    }

    private static Caller CallerIn(MappedClient client) =>
        new(
            CallerId.Parse($"client.{client.Client}"),
            client
                .Roles.Select(name =>
                    RoleNames.TryParse(name)
                    ?? throw new FormatException(
                        $"'{client.Client}' has the role '{name}', which is none of: "
                            + string.Join(", ", Enum.GetValues<Role>().Select(r => r.Name()))
                    )
                )
                .ToHashSet(),
            CallerScope.Of(client.Cafs, client.Sirets),
            null,
            null,
            default
        );
}
