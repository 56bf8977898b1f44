using Ledger.Answers;
using Ledger.Presentation;

namespace Ledger.Cli.Answers;

/// <summary>Answers as sheets, in the language that the command line speaks.</summary>
internal static class Sheets
{
    public static AccessSheets Access => new(Words.Spoken);

    public static LogSheets Log => new(Words.Spoken);
}
