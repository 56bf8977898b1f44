using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Caf.Ledger.V1;
using Grpc.Core;
using Ledger.Client;
using Ledger.Service.Hosting;
using Ledger.Tests;
using static Ledger.Tests.SampleRequests;

namespace Ledger.Service.Tests.Callers;

/// <summary>Machines are known by their certificates.</summary>
[Collection(PostgresTests.Name)]
public sealed class CertificateTests(PostgresCluster cluster) : IAsyncLifetime
{
    private GuardedService _service = null!;

    public async Task InitializeAsync() => _service = await GuardedService.StartAsync(cluster);

    public async Task DisposeAsync() => await _service.DisposeAsync();

    [Fact]
    public async Task A_portal_records_use_in_its_scope_and_no_other_and_every_event_names_it()
    {
        using var certificate = _service.Pki.Client("portail");
        using var portal = _service.WithCertificate(certificate);
        var recorded = await portal.Consultations.RecordConsultationAsync(Consultation());

        var elsewhere = Consultation();
        elsewhere.Consultation.Allocataire.Caf = "591";
        (await RefusedAsync(portal, elsewhere)).ShouldBe(StatusCode.PermissionDenied);
        var another = Consultation();
        another.Consultation.Siret = "21330063500017";
        (await RefusedAsync(portal, another)).ShouldBe(StatusCode.PermissionDenied);
        var speaking = Consultation();
        speaking.Context.Actor.Siret = "21330063500017";
        (await RefusedAsync(portal, speaking)).ShouldBe(StatusCode.PermissionDenied);

        // The same, item by item: the rest of the stream is recorded.
        var codes = new List<int>();
        await foreach (var answer in portal.RecordAsync([Item(elsewhere), Item(Consultation()), Item(speaking)]))
        {
            codes.Add(answer.Error?.Code ?? 0);
        }

        codes.ShouldBe([(int)StatusCode.PermissionDenied, 0, (int)StatusCode.PermissionDenied]);
        using var investigator = await _service.WithTokenAsync(new Token("investigator-1", ["dpo"], ["763"]));
        using var replay = investigator.History.Replay(
            new()
            {
                Asking = Asking(),
                Account = new() { Siret = Siret, Agent = "agent-c3" },
            }
        );
        (await replay.ResponseStream.MoveNext(CancellationToken.None)).ShouldBeTrue();
        replay.ResponseStream.Current.Position.ShouldBe(recorded.Acknowledgement.Position);
        replay.ResponseStream.Current.RecordedBy.ShouldBe("client.portail");
    }

    [Fact]
    public async Task A_certificate_expired_not_begun_revoked_not_for_clients_or_of_somebody_else_is_unknown()
    {
        using var otherPki = new TestPki(_service.Folder, "other");
        var revoked = _service.Pki.Client("portail");
        _service.Pki.Revoke(TestPki.Now.AddDays(1), revoked);
        foreach (
            var certificate in new[]
            {
                null,
                _service.Pki.Client("portail", TestPki.Now.AddDays(-3), TestPki.Now.AddDays(-1)),
                _service.Pki.Client("portail", TestPki.Now.AddDays(1), TestPki.Now.AddDays(2)),
                revoked,
                _service.Pki.NoClient("portail"),
                otherPki.Client("portail"),
                _service.Pki.Client("somebody"),
            }
        )
        {
            using var client = _service.WithCertificate(certificate);
            (await RefusedAsync(client, Consultation())).ShouldBe(StatusCode.Unauthenticated);
            certificate?.Dispose();
        }
    }

    [Fact]
    public async Task A_revocation_list_that_is_out_of_date_revokes_everything()
    {
        _service.Pki.Revoke(TestPki.Now.AddDays(-1));
        using var certificate = _service.Pki.Client("portail");
        using var portal = _service.WithCertificate(certificate);
        (await RefusedAsync(portal, Consultation())).ShouldBe(StatusCode.Unauthenticated);
    }

    [Fact]
    public async Task A_certificate_that_any_current_list_revokes_is_unknown_whatever_the_others_say()
    {
        var revoked = _service.Pki.Client("portail");
        await File.WriteAllTextAsync(
            _service.Pki.RevocationList,
            _service.Pki.List(TestPki.Now.AddDays(1)) + "\n" + _service.Pki.List(TestPki.Now.AddDays(2), revoked) + "\n"
        );
        using var client = _service.WithCertificate(revoked);
        (await RefusedAsync(client, Consultation())).ShouldBe(StatusCode.Unauthenticated);
        using var another = _service.WithCertificate(_service.Pki.Client("portail"));
        await another.Consultations.RecordConsultationAsync(Consultation());
        revoked.Dispose();
    }

    [Fact]
    public async Task Nobody_is_asked_for_what_a_stranger_s_certificate_names()
    {
        using var listener = new TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        using var other = new TestPki(_service.Folder, "stranger");
        var address = new Uri($"http://{listener.LocalEndpoint}/ca.crt");
        foreach (var pki in new[] { other, _service.Pki })
        {
            using var certificate = pki.Client("somebody", issuerAt: address);
            using var client = _service.WithCertificate(certificate);
            (await RefusedAsync(client, Consultation())).ShouldBe(StatusCode.Unauthenticated);
        }

        listener.Pending().ShouldBeFalse();
    }

    [Fact]
    public async Task A_stream_lasts_no_longer_than_the_certificate_that_began_it()
    {
        using var certificate = _service.Pki.Client("portail", until: TestPki.Now.AddSeconds(6));
        using var portal = _service.WithCertificate(certificate);
        using var call = portal.Consultations.RecordConsultations();
        var answered = 0;
        var ended = await Should.ThrowAsync<RpcException>(async () =>
        {
            for (; answered < 300; answered++)
            {
                await call.RequestStream.WriteAsync(Item(Consultation()));
                (await call.ResponseStream.MoveNext(CancellationToken.None)).ShouldBeTrue();
                call.ResponseStream.Current.Recorded.ShouldNotBeNull();
                await Task.Delay(100);
            }
        });
        ended.StatusCode.ShouldBe(StatusCode.Unauthenticated);
        answered.ShouldBeGreaterThan(0);
    }

    [Theory]
    [InlineData(SslProtocols.Tls12, true)]
    [InlineData(SslProtocols.Tls13, true)]
#pragma warning disable SYSLIB0039, CA5397 // What is refused has to be tried.
    [InlineData(SslProtocols.Tls11, false)]
#pragma warning restore SYSLIB0039, CA5397
    public async Task TLS_is_1_2_or_later(SslProtocols protocol, bool spoken)
    {
        using var tcp = new TcpClient();
        await tcp.ConnectAsync("127.0.0.1", _service.Running.Address.Port);
        await using var tls = new SslStream(tcp.GetStream());
        var said = tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                EnabledSslProtocols = protocol,
                CertificateChainPolicy = _service.Pki.Trust(),
            }
        );
        if (spoken)
        {
            await said;
            tls.SslProtocol.ShouldBe(protocol);
        }
        else
        {
            await Should.ThrowAsync<Exception>(said);
        }
    }

    [Fact]
    public async Task Without_TLS_nothing_is_answered()
    {
        using var plain = new LedgerClient(new UriBuilder(_service.Running.Address) { Scheme = "http" }.Uri, new());
        (await RefusedAsync(plain, Consultation())).ShouldBeOneOf(StatusCode.Unavailable, StatusCode.Internal);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[null]")]
    [InlineData("""[{"client":"x","subject":"CN=x","cafs":[],"sirets":[]}]""")]
    [InlineData("""[{"client":"x","subject":"CN=x","roles":["king"],"cafs":[],"sirets":[]}]""")]
    [InlineData("""[{"client":"x","subject":"","roles":["portal"],"cafs":[],"sirets":[]}]""")]
    [InlineData("""[{"client":"x","sha256":"zz","roles":["portal"],"cafs":[],"sirets":[]}]""")]
    [InlineData("""[{"client":"x","subject":"CN=x","roles":["portal"],"cafs":[null],"sirets":[]}]""")]
    [InlineData("""[{"client":"x","subject":"CN=x","roles":["portal"],"cafs":["1"],"sirets":[]}]""")]
    [InlineData("""[{"client":"","subject":"CN=x","roles":["portal"],"cafs":[],"sirets":[]}]""")]
    [InlineData("""[{"client":"x","subject":"CN=x","roles":["portal"],"cafs":[],"sirets":[],"more":1}]""")]
    public void A_mapping_file_that_says_something_else_is_told_in_one_line(string json)
    {
        var (certificate, key) = _service.Pki.Server();
        var file = Path.Combine(_service.Folder, "bad.json");
        File.WriteAllText(file, json);
        var builder = LedgerHost.CreateBuilder();
        builder.Configuration["Ledger:Certificate"] = certificate;
        builder.Configuration["Ledger:CertificateKey"] = key;
        builder.Configuration["Ledger:ClientAuthorities"] = _service.Pki.Authority;
        builder.Configuration["Ledger:Clients"] = file;
        Should.Throw<SetupException>(builder.AddLedger).Message.ShouldContain("Ledger:Clients");
    }

    [Theory]
    [InlineData("Ledger:Address", "0.0.0.0", "any address but loopback")]
    [InlineData("Ledger:Address", "somewhere", "an address of this machine")]
    [InlineData("Ledger:Clients", "clients.json", "without Ledger:Certificate")]
    [InlineData("Ledger:OidcAuthority", "http://127.0.0.1:1/", "without Ledger:OidcAudience")]
    [InlineData("Ledger:RevocationList", "ca.crl", "without Ledger:Clients")]
    public void What_does_not_fit_together_does_not_start(string option, string value, string why)
    {
        var builder = LedgerHost.CreateBuilder();
        builder.Configuration[option] = value;
        Should.Throw<SetupException>(builder.AddLedger).Message.ShouldContain(why);
    }

    [Fact]
    public void A_key_that_others_may_read_is_refused()
    {
        var (certificate, key) = _service.Pki.Server();
        File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        var builder = LedgerHost.CreateBuilder();
        builder.Configuration["Ledger:Certificate"] = certificate;
        builder.Configuration["Ledger:CertificateKey"] = key;
        Should.Throw<SetupException>(builder.AddLedger).Message.ShouldContain("chmod 600");
    }

    private static async Task<StatusCode> RefusedAsync(LedgerClient client, RecordConsultationRequest request) =>
        (
            await Should.ThrowAsync<RpcException>(async () =>
                await client.Consultations.RecordConsultationAsync(
                    request,
                    deadline: TestPki.Now.UtcDateTime.AddSeconds(20)
                )
            )
        ).StatusCode;
}
