using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Caf.Ledger.V1;
using Google.Api;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Ledger.Service.Tests.Callers;
using Ledger.Tests;
using static Ledger.Tests.SampleRequests;

namespace Ledger.Service.Tests;

/// <summary>The contract as JSON over HTTP.</summary>
[Collection(PostgresTests.Name)]
public sealed class JsonTests(PostgresCluster cluster) : IAsyncLifetime
{
    private RunningService _service = null!;
    private HttpClient _http = null!;

    private static IEnumerable<MethodDescriptor> Methods => GuardedService.Methods.Where(m => !m.IsClientStreaming);

    public async Task InitializeAsync()
    {
        _service = await RunningService.StartAsync(cluster);
        _http = RunningService.Http(_service.HttpAddress);
    }

    public async Task DisposeAsync()
    {
        _http.Dispose();
        await _service.DisposeAsync();
    }

    [Fact]
    public async Task What_is_recorded_in_JSON_is_what_is_recorded_in_gRPC()
    {
        await _service.Client.UpToAGrantAsync();
        var request = Consultation();
        var recorded = await PostAsync("/v1/consultations/record-consultation", Json(request));
        recorded.Status.ShouldBe(HttpStatusCode.OK);
        recorded.Body["verdict"]!["authorised"]!.GetValue<bool>().ShouldBeTrue();

        var again = await _service.Client.Consultations.RecordConsultationAsync(request);
        again.Acknowledgement.Repeated.ShouldBeTrue();
        var acknowledged = recorded.Body["acknowledgement"]!;
        acknowledged["position"]!.GetValue<long>().ShouldBe(again.Acknowledgement.Position);
        acknowledged["leafHash"]!.GetValue<string>().ShouldBe(again.Acknowledgement.LeafHash.ToBase64());

        var asked = await PostAsync(
            "/v1/history/who-did-access",
            Json(new WhoDidAccessRequest { Asking = Asking(), Allocataire = request.Consultation.Allocataire })
        );
        asked.Body["consultations"]!.AsArray().Count.ShouldBe(1);
    }

    [Fact]
    public async Task An_answer_that_streams_comes_line_by_line()
    {
        await _service.Client.UpToAGrantAsync();
        var request = new ReplayRequest
        {
            Asking = Asking(),
            Account = new() { Siret = Siret, Agent = "agent-c3" },
        };
        var answer = await _http.PostAsync("/v1/history/replay", Body(Json(request)));
        var lines = (await answer.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Length.ShouldBeGreaterThan(1);
        lines.ShouldAllBe(line => JsonNode.Parse(line)!["sentence"] != null);
    }

    [Fact]
    public async Task A_field_that_breaks_its_rule_is_named_with_the_details_of_gRPC()
    {
        var request = Consultation();
        request.Consultation.Siret = "1";
        var (status, body) = await PostAsync("/v1/consultations/record-consultation", Json(request));
        status.ShouldBe(HttpStatusCode.BadRequest);
        body["code"]!.GetValue<int>().ShouldBe(3);
        body["details"]![0]!["fieldViolations"]![0]!["field"]!.GetValue<string>().ShouldBe("consultation.siret");
    }

    [Theory]
    [InlineData("""{"consultatiom": {}}""", "consultatiom")]
    [InlineData("""{"consultation": {"bussinessFile": "AS-1"}}""", "bussinessFile")]
    [InlineData("""{"consultation": {"occurredAt": "10/03/2026"}}""", "10/03/2026")]
    [InlineData("""{"consultation": {"siret": 1.5}}""", "Number")]
    [InlineData("""{"consultation": """, "")]
    [InlineData("[]", "")]
    [InlineData("", "")]
    public async Task What_is_not_the_JSON_of_the_message_is_refused_and_says_where(string json, string named)
    {
        var (status, body) = await PostAsync("/v1/consultations/record-consultation", json);
        status.ShouldBe(HttpStatusCode.BadRequest);
        body["code"]!.GetValue<int>().ShouldBe(3);
        body["message"]!
            .GetValue<string>()
            .ShouldStartWith("The request is not the JSON of caf.ledger.v1.RecordConsultationRequest");
        body["message"]!.GetValue<string>().ShouldContain(named);
    }

    [Fact]
    public async Task A_request_is_UTF8()
    {
        using var body = new ByteArrayContent([(byte)'{', (byte)'"', 0xE9, (byte)'"', (byte)'}']);
        body.Headers.ContentType = new("application/json");
        var answer = await _http.PostAsync("/v1/consultations/record-consultation", body);
        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await answer.Content.ReadAsStringAsync()).ShouldContain("UTF-8");
    }

    [Fact]
    public async Task What_is_too_large_is_refused()
    {
        var large = "{\"context\": {\"requestId\": \"" + new string('a', 4 * 1024 * 1024) + "\"}}";
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/consultations/record-consultation")
        {
            Content = Body(large),
            Headers = { ExpectContinue = true },
        };
        using var answer = await _http.SendAsync(request);
        answer.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
    }

    [Fact]
    public async Task Nobody_known_and_no_role_are_told_in_JSON_on_every_path()
    {
        using var stranger = new HttpClient { BaseAddress = _service.HttpAddress };
        var answers = await Task.WhenAll(
            Methods
                .Select(PathOf)
                .Append("/openapi/v1.json")
                .Select(async path =>
                {
                    using var answer = await stranger.PostAsync(path, Body("{}"));
                    return (path, answer.StatusCode, Body: await answer.Content.ReadFromJsonAsync<JsonNode>());
                })
        );
        answers.ShouldAllBe(a => a.StatusCode == HttpStatusCode.Unauthorized && (int)a.Body!["code"]! == 16);

        await using var guarded = await GuardedService.StartAsync(cluster);
        using var auditor = new HttpClient(
            new SocketsHttpHandler { SslOptions = new() { CertificateChainPolicy = guarded.Pki.Trust() } }
        )
        {
            BaseAddress = guarded.Running.HttpAddress,
        };
        var token = await guarded.Provider.GiveAsync(new("auditor-1", ["auditor"], Cafs: ["763"]));
        auditor.DefaultRequestHeaders.Authorization = new("Bearer", token);
        using var refused = await auditor.PostAsync("/v1/consultations/record-consultation", Body("{}"));
        refused.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        ((int)(await refused.Content.ReadFromJsonAsync<JsonNode>())!["code"]!).ShouldBe(7);
        using var allowed = await auditor.PostAsync("/v1/integrity/get-inclusion-proof", Body("{}"));
        allowed.StatusCode.ShouldNotBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Every_method_but_the_one_that_takes_a_stream_has_a_path_of_its_name_in_the_document()
    {
        GuardedService.Methods.Except(Methods).Select(m => m.Name).ShouldBe(["RecordConsultations"]);
        var paths = Methods.Select(PathOf).ToList();
        paths.ShouldBeUnique();
        foreach (var (method, path) in Methods.Zip(paths))
        {
            string.Concat(path.Split('/')[^1].Split('-').Select(word => char.ToUpperInvariant(word[0]) + word[1..]))
                .ShouldBe(method.Name);
        }

        var document = await _http.GetFromJsonAsync<JsonNode>("/openapi/v1.json");
        document!["paths"]!.AsObject().Select(p => p.Key).ShouldBe(paths, ignoreOrder: true);
        var consultation = document["components"]!["schemas"]!["Consultation"]!["properties"]!;
        consultation["siret"]!["description"]!.GetValue<string>().ShouldBe("At which partner.");
        document["paths"]!["/v1/history/who-did-access"]!["post"]!["operationId"]!
            .GetValue<string>()
            .ShouldBe("WhoDidAccess");
    }

    private static string PathOf(MethodDescriptor method) =>
        method.GetOptions().GetExtension(AnnotationsExtensions.Http).Post;

    private static string Json(IMessage message) => JsonFormatter.Default.Format(message);

    private static StringContent Body(string json) => new(json, Encoding.UTF8, "application/json");

    private async Task<(HttpStatusCode Status, JsonNode Body)> PostAsync(string path, string json)
    {
        using var answer = await _http.PostAsync(path, Body(json));
        return (answer.StatusCode, (await answer.Content.ReadFromJsonAsync<JsonNode>())!);
    }
}
