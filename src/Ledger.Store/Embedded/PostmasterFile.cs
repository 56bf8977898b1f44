using System.Globalization;

namespace Ledger.Store.Embedded;

/// <summary>
/// The file in which a running PostgreSQL writes its process id. After a crash the number may be another process's, so
/// it is believed only where that process stands in the cluster's folder, as PostgreSQL does.
/// </summary>
internal static class PostmasterFile
{
    /// <summary>The process id that the file names; null where there is none.</summary>
    public static int? Read(string cluster)
    {
        try
        {
            return int.TryParse(
                File.ReadLines(PathIn(cluster)).FirstOrDefault(),
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out var id
            )
                ? id
                : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Whether the process that it names is this cluster's.</summary>
    public static bool IsRunning(string cluster) => Read(cluster) is { } id && StandsIn(id, cluster);

    /// <summary>
    /// Puts a number that no process has where another process has the number of this cluster's last one: PostgreSQL
    /// would not start. The rest of the file stays, by which PostgreSQL finds processes that the last one left behind.
    /// </summary>
    public static void DisownForeign(string cluster)
    {
        if (Read(cluster) is { } id && Directory.Exists($"/proc/{id}") && !StandsIn(id, cluster))
        {
            var lines = File.ReadAllLines(PathIn(cluster));
            lines[0] = int.MaxValue.ToString(CultureInfo.InvariantCulture);
            File.WriteAllLines(PathIn(cluster), lines);
        }
    }

    private static string PathIn(string cluster) => Path.Combine(cluster, "postmaster.pid");

    private static bool StandsIn(int id, string folder)
    {
        try
        {
            return new FileInfo($"/proc/{id}/cwd").ResolveLinkTarget(returnFinalTarget: false)?.FullName
                == Real(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has ended, or it is somebody else's, which this cluster is not.
            return false;
        }
    }

    // A folder on the way may be a link; the system names the place itself.
    private static string Real(string folder)
    {
        var real = Path.GetPathRoot(folder)!;
        foreach (var part in folder.Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            var next = Path.Combine(real, part);
            real = Directory.ResolveLinkTarget(next, returnFinalTarget: true)?.FullName ?? next;
        }

        return real;
    }
}
