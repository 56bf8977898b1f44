using System.Runtime.InteropServices;

namespace Ledger.Files;

/// <summary>
/// Writes files whole: aside, flushed, moved into place, and the folder flushed, so that nobody sees half of one and
/// what stands there survives a loss of power.
/// </summary>
internal static class DurableFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>
    /// Writes a file in the place of what stands there. Only its owner may read it when it is private.
    /// </summary>
    public static void Replace(string path, ReadOnlySpan<byte> content, bool isPrivate = false)
    {
        Place(WriteAside(path, content, isPrivate), path, overwrite: true);
    }

    /// <summary>Writes a private file unless one stands there already.</summary>
    /// <returns>Whether it was written.</returns>
    public static bool WriteOnce(string path, ReadOnlySpan<byte> content)
    {
        var aside = WriteAside(path, content, isPrivate: true);
        var written = Link(aside, path);
        File.Delete(aside);
        FlushFolderOf(path);
        return written;
    }

    /// <summary>Writes a private file beside a path, under a name of its own, for <see cref="Place"/>.</summary>
    /// <returns>The name.</returns>
    public static string WriteAside(string path, ReadOnlySpan<byte> content, bool isPrivate, string mark = "")
    {
        var folder = FolderOf(path);
        Directory.CreateDirectory(folder);
        var aside = Path.Combine(folder, $"{Path.GetFileName(path)}.{mark}{Path.GetRandomFileName()}.new");
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (isPrivate && !OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        using (var file = new FileStream(aside, options))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }

        FlushFolderOf(path);
        return aside;
    }

    /// <summary>Gives what was written aside its name, unless a file has it already.</summary>
    /// <param name="aside">What was written.</param>
    /// <param name="path">The name.</param>
    /// <param name="overwrite">Whether it takes the place of a file that has the name.</param>
    /// <returns>Whether it has it now.</returns>
    public static bool Place(string aside, string path, bool overwrite = false)
    {
        if (overwrite)
        {
            File.Move(aside, path, overwrite: true);
            FlushFolderOf(path);
            return true;
        }

        var placed = Link(aside, path);
        File.Delete(aside);
        FlushFolderOf(path);
        return placed;
    }

    /// <summary>Does away with a file, if it is there, so that it does not come back with the power.</summary>
    public static void Remove(string path)
    {
        File.Delete(path);
        FlushFolderOf(path);
    }

    // A link is made or is not; a move that looks first is two steps.
    private static bool Link(string aside, string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return Moved(aside, path);
        }

        if (MakeLink(aside, path) == 0)
        {
            return true;
        }

        // Who finishes what another began may have been faster: then the file is there and what was aside is gone.
        const int missing = 2;
        const int exists = 17;
        var error = Marshal.GetLastPInvokeError();
        return error == exists || (error == missing && File.Exists(path))
            ? false
            : throw new IOException($"The file {path} cannot be made: {Marshal.GetPInvokeErrorMessage(error)}");
    }

    // There a move that is not to overwrite is one step.
    private static bool Moved(string aside, string path)
    {
        try
        {
            File.Move(aside, path, overwrite: false);
            return true;
        }
        catch (IOException) when (File.Exists(path))
        {
            return false;
        }
    }

    private static string FolderOf(string path) => Path.GetDirectoryName(Path.GetFullPath(path))!;

    // .NET has no way to flush a folder: without it a new name may be lost with the power.
    private static void FlushFolderOf(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            // It journals names by itself, and flushes no folder.
            return;
        }

        var folder = FolderOf(path);
        var handle = Open(folder, 0);
        var failed = handle < 0 || Sync(handle) != 0;
        var error = Marshal.GetLastPInvokeError();
        if (handle >= 0)
        {
            _ = Close(handle);
        }

        if (failed)
        {
            throw new IOException($"The folder {folder} cannot be flushed: {Marshal.GetPInvokeErrorMessage(error)}");
        }
    }

    [DllImport("libc", EntryPoint = "link", SetLastError = true)]
    private static extern int MakeLink(
        [MarshalAs(UnmanagedType.LPUTF8Str)] string from,
        [MarshalAs(UnmanagedType.LPUTF8Str)] string to
    );

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static extern int Sync(int handle);

    [DllImport("libc", EntryPoint = "close", SetLastError = true)]
    private static extern int Close(int handle);
}
