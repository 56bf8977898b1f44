using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Ledger.Files;

namespace Ledger.Client;

/// <summary>Who calls, and whom the caller believes to be the ledger.</summary>
public sealed record LedgerCredentials
{
    /// <summary>
    /// A file with an access token, which is read again when it changes. It is sent over TLS, or on this machine.
    /// </summary>
    public string? TokenFile { get; init; }

    /// <summary>The caller's own certificate, with its key.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>The roots under which the ledger's certificate is; null for the system's.</summary>
    public X509Certificate2Collection? Roots { get; init; }

    /// <summary>In which language the ledger's sentences are: <c>fr</c>, <c>en</c>; null for its own choice.</summary>
    public string? Language { get; init; }

    /// <summary>
    /// What a ledger on this machine, with no callers set up, leaves for whoever runs it; nothing for another machine.
    /// </summary>
    public static LedgerCredentials LocalTo(Uri address) => new() { TokenFile = LocalTokenFile.Of(address) };

    internal HttpMessageHandler HandlerFor(Uri address)
    {
        if (TokenFile is not null && !TokenHandler.MaySend(address))
        {
            throw new ArgumentException(TokenHandler.OnlyOverTls, nameof(address));
        }

        var sockets = new SocketsHttpHandler
        {
            EnableMultipleHttp2Connections = true,
            KeepAlivePingDelay = TimeSpan.FromSeconds(30),
        };
        if (Certificate is { } certificate)
        {
            sockets.SslOptions.ClientCertificateContext = SslStreamCertificateContext.Create(
                certificate,
                null,
                offline: true
            );
        }

        if (Roots is { } roots)
        {
            sockets.SslOptions.CertificateChainPolicy = ServerTrust.Under(roots);
        }

        HttpMessageHandler known = TokenFile is { } file ? new TokenHandler(file, sockets) : sockets;
        return Language is { } language ? new LanguageHandler(language, known) : known;
    }

    private sealed class LanguageHandler(string language, HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancel)
        {
            request.Headers.AcceptLanguage.ParseAdd(language);
            return base.SendAsync(request, cancel);
        }
    }
}
