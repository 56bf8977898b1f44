namespace Ledger.Verify;

/// <summary>What the tool's exit says. Stable: scheduled jobs act on it.</summary>
public static class ExitCodes
{
    /// <summary>The log is whole.</summary>
    public const int Whole = 0;

    /// <summary>The log was tampered with.</summary>
    public const int Tampered = 1;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 2;

    /// <summary>The log could not be verified: it cannot be reached or read, or is not of this key.</summary>
    public const int CannotVerify = 3;
}
