using System.Net.Http.Headers;

namespace Ledger.Files;

/// <summary>Presents the token of a file with each request, and reads the file again when it has changed.</summary>
/// <param name="file">The file; while there is none, nothing is presented.</param>
/// <param name="inner">What sends.</param>
internal sealed class TokenHandler(string file, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    /// <summary>Why a token is not sent.</summary>
    public const string OnlyOverTls = "A token is sent over TLS only: the address begins with https.";

    private readonly Lock _gate = new();
    private DateTime _writtenAt = DateTime.MinValue;
    private AuthenticationHeaderValue? _token;

    /// <summary>Whether a token may be sent to an address: over TLS, or on this machine.</summary>
    public static bool MaySend(Uri address) => address.Scheme == "https" || address.IsLoopback;

    /// <inheritdoc/>
    protected override Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        CancellationToken cancellationToken
    )
    {
        if (!MaySend(request.RequestUri!))
        {
            throw new HttpRequestException(OnlyOverTls);
        }

        request.Headers.Authorization ??= Token();
        return base.SendAsync(request, cancellationToken);
    }

    private AuthenticationHeaderValue? Token()
    {
        // Where there is no file, this is the year 1601.
        var writtenAt = File.GetLastWriteTimeUtc(file);
        lock (_gate)
        {
            if (writtenAt != _writtenAt)
            {
                (_token, _writtenAt) = (Read(), writtenAt);
            }

            return _token;
        }
    }

    private AuthenticationHeaderValue? Read()
    {
        try
        {
            return new AuthenticationHeaderValue("Bearer", File.ReadAllText(file).Trim());
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }
}
