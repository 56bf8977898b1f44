using System.Text;
using Ledger.Domain.Common;
using Ledger.Integrity.Checkpoints;
using Ledger.Service.Hosting;
using Ledger.Service.Keys;
using Ledger.Store.Keys;
using Ledger.Store.Schema;
using Ledger.Tests;
using Ledger.Verify;
using Ledger.Verify.Scanning;
using static Ledger.Tests.SampleRequests;
using Actor = Ledger.Domain.Common.Actor;

namespace Ledger.Service.Tests.Keys;

/// <summary>The keys are in a device: the folder is of no use without it.</summary>
[Collection(PostgresTests.Name)]
public sealed class Pkcs11Tests(PostgresCluster cluster)
{
    private const string Origin = "ledger.example/device";

    [HsmFact]
    public void A_key_of_the_device_signs_as_any_other_and_is_found_again_by_its_public_half()
    {
        var device = new SoftHsm();
        string written;
        using (var vault = device.Open())
        {
            (var key, written) = vault.MakeSigningKey(Origin);
            vault.MakeSigningKey(Origin).Written.ShouldNotBe(written);
            var note = SignedNote.Sign("text\n", key);
            note.Verify([key.Verifier]).ShouldBe("text\n");
        }

        using var again = device.Open();
        var found = again.SigningKey(written);
        found.Verifier.Verify(Encoding.UTF8.GetBytes("x"), found.Sign(Encoding.UTF8.GetBytes("x"))).ShouldBeTrue();
        Should.Throw<FormatException>(() => new FileVault().SigningKey(written)).Message.ShouldContain("device");
        var other = new SoftHsm();
        using var elsewhere = other.Open();
        Should.Throw<IOException>(() => elsewhere.SigningKey(written));
    }

    [HsmFact]
    public void What_the_device_enciphers_it_alone_reads_under_its_name_alone()
    {
        var device = new SoftHsm();
        using var vault = device.Open();
        var key = Enumerable.Range(0, 32).Select(i => (byte)i).ToArray();
        var written = vault.Seal("2026-03", key);
        vault.Open("2026-03", written).ShouldBe(key);
        Contains(written, key).ShouldBeFalse();
        Should.Throw<IOException>(() => vault.Open("2026-04", written));
        Should.Throw<IOException>(() => new FileVault().Open("2026-03", written));
        written[^1] ^= 1;
        Should.Throw<IOException>(() => vault.Open("2026-03", written));
        Should.Throw<IOException>(() => vault.Open("2026-03", written[..25]));
        vault.Open("2026-05", key).ShouldBe(key, "a key that lay in a file before goes on");
        var other = new SoftHsm();
        using var elsewhere = other.Open();
        Should.Throw<IOException>(() => elsewhere.Open("2026-03", vault.Seal("2026-03", key)));
    }

    [HsmFact]
    public async Task Nodes_that_begin_at_once_on_a_new_token_read_what_each_other_enciphered()
    {
        var device = new SoftHsm();
        var vaults = Enumerable.Range(0, 4).Select(_ => device.Open()).ToList();
        var key = new byte[32];
        var written = await Task.WhenAll(vaults.Select(v => Task.Run(() => v.Seal("nodes", key))));
        foreach (var vault in vaults)
        {
            written.ShouldAllBe(w => vault.Open("nodes", w).SequenceEqual(key));
            vault.Dispose();
        }
    }

    [HsmFact]
    public void A_module_a_token_or_a_PIN_that_is_not_right_is_told_before_anything_is_made()
    {
        var device = new SoftHsm();
        Should.Throw<SetupException>(() => new Pkcs11Vault("/nowhere.so", device.Label, SoftHsm.Pin));
        Should.Throw<SetupException>(() => new Pkcs11Vault(SoftHsm.Module!, "nobody", SoftHsm.Pin));
        Should.Throw<SetupException>(() => device.Open("0000")).Message.ShouldNotContain("0000");
    }

    [HsmFact]
    public async Task A_ledger_whose_keys_are_in_a_device_records_and_is_whole_and_its_folder_signs_and_reads_nothing()
    {
        var device = new SoftHsm();
        var pin = Path.Combine(Directory.CreateTempSubdirectory("ledger-pin-").FullName, "pin");
        await File.WriteAllTextAsync(pin, SoftHsm.Pin + "\n");
        File.SetUnixFileMode(pin, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await using var service = await RunningService.StartAsync(
            cluster,
            options: _ =>
                new()
                {
                    ["Ledger:Pkcs11Module"] = SoftHsm.Module,
                    ["Ledger:Pkcs11Token"] = device.Label,
                    ["Ledger:Pkcs11PinFile"] = pin,
                }
        );
        await service.Client.UpToAGrantAsync();
        await UseAsync();

        // It began with a key in a file: the one of the device takes over.
        using (var vault = device.Open())
        {
            await new KeyRotation(service.Keys, vault, TimeProvider.System).RunAsync(
                new Actor(AgentId.Parse("operator-1"), CafCode.Parse("763"), null),
                "into the device",
                TimeSpan.Zero,
                revokes: false,
                CancellationToken.None
            );
            File.Delete(SigningKey.PathIn(service.Keys));
            await UseAsync();
            await PostgresCluster.UntilAsync(
                service.ConnectionString,
                "select count(*) = 1 from ledger.mt_events where type = 'signing-key-rotated.v1'"
            );
            await UseAsync();
            new KeyInventory(service.Keys, vault, TimeProvider.System)
                .All(isTried: true)
                .ShouldAllBe(k => k.Problem == null && (k.Use == "cosigner" || k.Place != "file"));
        }

        var keys = LogKeys.Following(
            service.Key,
            await RecordedSuccessions.AllAsync(service.ConnectionString, CancellationToken.None)
        );
        (
            await DatabaseVerifier.RunAsync(
                service.ConnectionString,
                new Trust(keys),
                logOnly: false,
                null,
                CancellationToken.None
            )
        ).Findings.ShouldBeEmpty();

        // The operator's shell, without the device.
        Should.Throw<LedgerStateException>(() => KeyRing.Open(service.Keys, new FileVault(), TimeProvider.System));
        foreach (var file in Directory.GetFiles(Path.Combine(service.Keys, "pseudonyms")))
        {
            DeviceFile.IsSealed(await File.ReadAllBytesAsync(file)).ShouldBeTrue(file);
            Should.Throw<IOException>(() =>
                new FileVault().Open(Path.GetFileNameWithoutExtension(file), File.ReadAllBytes(file))
            );
        }

        async Task UseAsync()
        {
            var request = Consultation();
            request.Context.Covered = true;
            await service.Client.Consultations.RecordConsultationAsync(request);
        }
    }

    private static bool Contains(byte[] all, byte[] part) => all.AsSpan().IndexOf(part) >= 0;
}
