namespace Ledger.Pages.Asking;

/// <summary>An answer, and when it was given.</summary>
/// <param name="Answer">The answer.</param>
/// <param name="At">When.</param>
/// <param name="IsWhole">Whether there is nothing more than that.</param>
internal sealed record Told<T>(T Answer, DateTimeOffset At, bool IsWhole);
