using System.Security.Cryptography;
using System.Text;
using Ledger.Domain.Common;
using Ledger.Files;
using Ledger.Service.Hosting;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Ledger.Service.Callers;

/// <summary>
/// Tokens for whoever runs the service, while no callers are set up: short-lived, of a key that lives no longer than
/// this process, in a file of her own that the ledger's tools find by themselves.
/// </summary>
internal sealed partial class LocalTokens(TimeProvider time, ILogger<LocalTokens> log) : IDisposable
{
    /// <summary>How long a token holds.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    private const string Name = "ledger-local";

    private readonly SymmetricSecurityKey _key = new(RandomNumberGenerator.GetBytes(32));
    private readonly Lock _gate = new();
    private IReadOnlyList<string> _files = [];
    private ITimer? _renewal;
    private string _token = string.Empty;

    /// <summary>Has these tokens accepted.</summary>
    public void Configure(JwtBearerOptions bearer)
    {
        bearer.MapInboundClaims = false;
        bearer.SaveToken = false;
        bearer.IncludeErrorDetails = false;
        bearer.TokenHandlers.Clear();
        bearer.TokenHandlers.Add(new CallerTokens(t => Everybody(t.ValidTo), time));
        bearer.TokenValidationParameters = new TokenValidationParameters
        {
            ValidIssuer = Name,
            ValidAudience = Name,
            IssuerSigningKey = _key,
            ValidAlgorithms = [SecurityAlgorithms.HmacSha256],
            ClockSkew = TimeSpan.Zero,
        };
    }

    /// <summary>Writes the token of each address, and renews it until disposed of.</summary>
    /// <exception cref="SetupException">There is no home folder to write it to.</exception>
    public void Open(IEnumerable<Uri> addresses)
    {
        _files =
        [
            .. addresses.Select(address =>
                LocalTokenFile.Of(address)
                ?? throw new SetupException(
                    "There is no home folder for the local token: set HOME, or set up callers (Ledger:Clients, "
                        + "Ledger:OidcAuthority)."
                )
            ),
        ];
        Write();
        _renewal = time.CreateTimer(_ => Renew(), null, Lifetime / 2, Lifetime / 2);
    }

    /// <summary>Takes the tokens away, unless another service has left its own there since.</summary>
    public void Dispose()
    {
        _renewal?.Dispose();
        lock (_gate)
        {
            foreach (var file in _files.Where(f => File.Exists(f) && File.ReadAllText(f).TrimEnd() == _token))
            {
                File.Delete(file);
            }

            _files = [];
        }
    }

    // What cannot be written now may be later: the ledger serves on.
    private void Renew()
    {
        try
        {
            Write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogNotWritten(log, e.Message);
        }
    }

    private static Caller Everybody(DateTime until) =>
        new(CallerId.Local, Enum.GetValues<Role>().ToHashSet(), CallerScope.Everywhere, null, null, until);

    private void Write()
    {
        lock (_gate)
        {
            var now = time.GetUtcNow().UtcDateTime;
            _token = new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(
                new SecurityTokenDescriptor
                {
                    Issuer = Name,
                    Audience = Name,
                    IssuedAt = now,
                    NotBefore = now,
                    Expires = now + Lifetime,
                    SigningCredentials = new SigningCredentials(_key, SecurityAlgorithms.HmacSha256),
                }
            );
            foreach (var file in _files)
            {
                Directory.CreateDirectory(
                    Path.GetDirectoryName(file)!,
                    UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
                );
                DurableFile.Replace(file, Encoding.UTF8.GetBytes(_token + "\n"), isPrivate: true);
            }
        }
    }

    [LoggerMessage(26, LogLevel.Error, "The local token cannot be renewed: {Why}")]
    private static partial void LogNotWritten(ILogger log, string why);
}
