using System.Security.Cryptography;
using System.Text;
using Ledger.Integrity.Checkpoints;

namespace Ledger.Verify.Outside;

/// <summary>
/// Asks the witnesses of a policy for the last checkpoint that they cosigned: a log that they never saw is not the one
/// they saw.
/// </summary>
public static class WitnessAsking
{
    /// <summary>What each witness that has an address saw last.</summary>
    /// <exception cref="CannotVerifyException">
    /// None can be asked; or one does not answer, has never seen the log, or
    /// answers what is not of its key and of the log's.
    /// </exception>
    public static async Task<IReadOnlyList<KnownCheckpoint>> RunAsync(
        HttpClient http,
        TrustPolicy policy,
        LogKeys keys,
        CancellationToken cancel
    )
    {
        var known = new List<KnownCheckpoint>();
        foreach (var witness in policy.Witnesses.Where(w => w.Url is not null))
        {
            var log = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(keys.Name)));
            var address = new Uri($"{witness.Url!.ToString().TrimEnd('/')}/{log}/checkpoint");
            try
            {
                using var response = await http.GetAsync(address, cancel);
                var note = await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync(cancel);
                var checkpoint = keys.Open(note);
                if (SignedNote.Parse(note).SignatureOf(witness.Key) is null)
                {
                    throw new FormatException("its own cosignature is missing or wrong.");
                }

                known.Add(new KnownCheckpoint($"cosigned by '{witness.Name}'", checkpoint));
            }
            catch (Exception e)
                when (e is HttpRequestException or FormatException or TaskCanceledException or InvalidOperationException
                )
            {
                throw new CannotVerifyException($"The witness '{witness.Name}' cannot be asked: {e.Message}");
            }
        }

        return known.Count > 0
            ? known
            : throw new CannotVerifyException("No witness of the policy has an address: none can be asked.");
    }
}
