using System.Security.Cryptography;
using System.Text;
using Ledger.Integrity;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Ledger.Service.Callers;

/// <summary>
/// Validates tokens, and says who calls with one. A token that is valid is not validated again for a while: a caller
/// sends the same one with every call.
/// </summary>
/// <param name="read">Says who calls; throws <see cref="FormatException"/> where the token does not.</param>
/// <param name="time">The clock.</param>
internal sealed class CallerTokens(Func<JsonWebToken, Caller> read, TimeProvider time)
    : JsonWebTokenHandler,
        IDisposable
{
    private const int Most = 10_000;
    private static readonly TimeSpan AWhile = TimeSpan.FromMinutes(1);

    private readonly MemoryCache _valid = new(new MemoryCacheOptions { SizeLimit = Most });

    /// <inheritdoc/>
    public override async Task<TokenValidationResult> ValidateTokenAsync(
        string token,
        TokenValidationParameters validationParameters
    )
    {
        var key = new Hash256(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
        if (_valid.TryGetValue(key, out TokenValidationResult? known) && CallerIn(known!).Until > time.GetUtcNow())
        {
            return known!;
        }

        var result = await base.ValidateTokenAsync(token, validationParameters);
        if (!result.IsValid)
        {
            return result;
        }

        try
        {
            var caller = read((JsonWebToken)result.SecurityToken);
            result.ClaimsIdentity = new CallerIdentity(
                caller with
                {
                    Until = caller.Until + validationParameters.ClockSkew,
                },
                nameof(CallerTokens)
            );
        }
        catch (FormatException e)
        {
            return new TokenValidationResult { IsValid = false, Exception = new SecurityTokenException(e.Message, e) };
        }

        return _valid.Set(
            key,
            result,
            new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = AWhile }
        );
    }

    /// <inheritdoc/>
    public void Dispose() => _valid.Dispose();

    private static Caller CallerIn(TokenValidationResult result) => ((CallerIdentity)result.ClaimsIdentity).Caller;
}
