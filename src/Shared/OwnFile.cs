namespace Ledger.Files;

/// <summary>Files that carry personal data: whoever makes them is the only one to read them.</summary>
internal static class OwnFile
{
    /// <summary>Makes a file, in the place of what stands there.</summary>
    public static FileStream Create(string path)
    {
        // The mode is given when a file is made, not when one is emptied.
        File.Delete(path);
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            Options = FileOptions.Asynchronous,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(path, options);
    }

    /// <summary>Writes a file whole: aside, then in the place of what stands there.</summary>
    public static async Task WriteAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancel)
    {
        await using (var file = Create(path + ".new"))
        {
            await file.WriteAsync(content, cancel);
        }

        File.Move(path + ".new", path, overwrite: true);
    }
}
