using Ledger.Presentation;

namespace Ledger.Verify;

/// <summary>What the tool's exit says. Stable: scheduled jobs act on it.</summary>
public static class ExitCodes
{
    /// <summary>The log is whole.</summary>
    public const int Whole = 0;

    /// <summary>The log was tampered with, or lacks what is demanded of it.</summary>
    public const int Tampered = 1;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 2;

    /// <summary>The log could not be verified: it cannot be reached or read, or is not of this key.</summary>
    public const int CannotVerify = 3;

    /// <summary>Says in one line what keeps the tool from verifying, if something does.</summary>
    internal static async Task<int> GuardAsync(Func<Task<int>> run)
    {
        try
        {
            return await run();
        }
        catch (CannotVerifyException e)
        {
            return Complain(Words.Spoken.Translated(e.Message), CannotVerify);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // What is verified comes from whoever may want the verifier to fail: it must not be taken for a verdict.
            return Complain(
                Words.Spoken.Say("verify.no-sense", ("kind", e.GetType().Name), ("why", e.Message)),
                CannotVerify
            );
        }
    }

    internal static int Complain(string message, int code)
    {
        Console.Error.WriteLine($"ledger-verify: {Typography.OneLine(message)}");
        return code;
    }
}
