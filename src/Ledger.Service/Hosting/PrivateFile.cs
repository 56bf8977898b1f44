namespace Ledger.Service.Hosting;

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

    /// <summary>Refuses a file that others than its owner may read or write.</summary>
    /// <exception cref="SetupException">They may, or there is no such file.</exception>
    public static void Require(string option, string file)
    {
        if (!File.Exists(file))
        {
            throw new SetupException($"{option}: there is no file {file}.");
        }

        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & Others) != 0)
        {
            throw new SetupException($"{option}: others than its owner have access to {file}: run 'chmod 600' on it.");
        }
    }
}
