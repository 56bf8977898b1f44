namespace Ledger.Files;

/// <summary>Files that hold a secret: nobody but their owner reads them.</summary>
internal static class PrivateFile
{
    private const UnixFileMode Others =
        UnixFileMode.GroupRead
        | UnixFileMode.GroupWrite
        | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead
        | UnixFileMode.OtherWrite
        | UnixFileMode.OtherExecute;

    /// <summary>Refuses a file that others than its owner have access to.</summary>
    /// <exception cref="UnauthorizedAccessException">They have.</exception>
    /// <exception cref="IOException">There is no such file.</exception>
    public static void Require(string file)
    {
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & Others) != 0)
        {
            throw new UnauthorizedAccessException(
                $"Others than its owner have access to {file}, which is secret: run 'chmod 600' on it."
            );
        }
    }
}
