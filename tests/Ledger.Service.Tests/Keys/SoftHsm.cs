using System.Diagnostics;
using Ledger.Service.Keys;

namespace Ledger.Service.Tests.Keys;

/// <summary>A device in software (SoftHSM), with a token of its own.</summary>
internal sealed class SoftHsm
{
    public const string Token = "ledger";
    public const string Pin = "98761234";

    private const int Tokens = 8;

    // The module looks for its tokens once for the process: all of them are made before.
    private static readonly Lazy<string> Folder = new(Prepare);
    private static int _taken;

    public SoftHsm()
    {
        _ = Folder.Value;
        Label = $"{Token}-{Interlocked.Increment(ref _taken)}";
        _taken.ShouldBeLessThanOrEqualTo(Tokens);
    }

    /// <summary>Where the module stands; null where SoftHSM is not installed.</summary>
    public static string? Module { get; } =
        new[]
        {
            "/usr/lib/softhsm/libsofthsm2.so",
            "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
            "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
            "/usr/local/lib/softhsm/libsofthsm2.so",
        }.FirstOrDefault(File.Exists);

    public string Label { get; }

    public Pkcs11Vault Open(string pin = Pin) => new(Module!, Label, pin);

    private static string Prepare()
    {
        var folder = Directory.CreateTempSubdirectory("ledger-hsm-").FullName;
        Directory.CreateDirectory(Path.Combine(folder, "tokens"));
        var settings = Path.Combine(folder, "softhsm2.conf");
        File.WriteAllText(settings, $"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\n");
        SetVariable("SOFTHSM2_CONF", settings, 1).ShouldBe(0);
        Environment.SetEnvironmentVariable("SOFTHSM2_CONF", settings);
        foreach (var number in Enumerable.Range(1, Tokens))
        {
            Run("--init-token", "--free", "--label", $"{Token}-{number}", "--pin", Pin, "--so-pin", "43218765");
        }

        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        return folder;
    }

    private static void Run(params string[] arguments)
    {
        using var run = Process.Start(
            new ProcessStartInfo("softhsm2-util", arguments) { RedirectStandardOutput = true }
        )!;
        run.StandardOutput.ReadToEnd();
        run.WaitForExit();
        run.ExitCode.ShouldBe(0, string.Join(' ', arguments[..1]));
    }

    // .NET keeps variables of its own, which a native library does not see.
    [System.Runtime.InteropServices.DllImport("libc", EntryPoint = "setenv")]
    private static extern int SetVariable(
        [System.Runtime.InteropServices.MarshalAs(System.Runtime.InteropServices.UnmanagedType.LPUTF8Str)] string name,
        [System.Runtime.InteropServices.MarshalAs(System.Runtime.InteropServices.UnmanagedType.LPUTF8Str)] string value,
        int overwrite
    );
}

/// <summary>A test that needs SoftHSM, and says so where it is not there.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class HsmFactAttribute : FactAttribute
{
    public HsmFactAttribute() => Skip = SoftHsm.Module is null ? "SoftHSM is not installed (softhsm2)." : null;
}
