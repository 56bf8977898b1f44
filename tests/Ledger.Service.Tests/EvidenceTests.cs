using System.Text;
using Caf.Ledger.V1;
using Grpc.Core;
using Ledger.Domain.Common;
using Ledger.Domain.Control;
using Ledger.Integrity.Checkpoints;
using Ledger.Integrity.Evidence;
using Ledger.Store.Appending;
using Ledger.Store.Knowing;
using Ledger.Store.Publishing;
using Ledger.Store.Schema;
using Ledger.Tests;
using Ledger.Verify;
using static Ledger.Tests.SampleRequests;

namespace Ledger.Service.Tests;

/// <summary>An answer that proves itself, and what becomes of it when it is touched.</summary>
[Collection(PostgresTests.Name)]
public sealed class EvidenceTests(PostgresCluster cluster) : IAsyncLifetime
{
    private RunningService _service = null!;

    public async Task InitializeAsync()
    {
        _service = await RunningService.StartAsync(cluster);
        await _service.Client.UpToAGrantAsync();
        await _service.Client.Consultations.RecordConsultationAsync(Consultation());
        await _service.Client.Consultations.RecordConsultationAsync(Consultation("7777777"));
        await _service.Client.Consultations.RecordConsultationAsync(Consultation());

        // Learnt afterwards: one of them was irregular.
        await _service.Client.Conventions.ReportDepartureAsync(
            new()
            {
                Context = By("agent-a1"),
                Convention = "conv-1",
                Agent = "agent-c3",
                LeftOn = "2026-03-01",
                SignalledOn = "2026-03-20",
            }
        );
    }

    public async Task DisposeAsync() => await _service.DisposeAsync();

    [Fact]
    public async Task Evidence_about_a_file_holds_offline_and_shows_both_verdicts()
    {
        var file = await ExportAsync(
            new()
            {
                Asking = Asking(),
                Allocataire = new() { Caf = "763", Matricule = "1204571" },
            }
        );
        var found = EvidenceVerifier.Run(file, _service.Key, null, null);
        found.ShouldSatisfyAllConditions(
            f => f.Question.About.Matricule.ShouldBe("1204571"),
            f => f.Answers.ShouldBe(2),
            f => f.RestsOn.ShouldBeGreaterThan(5),
            f => f.Origin.ShouldBe(_service.Key.Name)
        );
        var evidence = EvidenceFile.Read(file).Said();
        evidence.Consultations.Select(c => string.Join(' ', c.Reasons)).ShouldBe(["agent-departed", "agent-departed"]);
        evidence.Rights.ShouldContain(r => r.Habilitation == "hab-1" && r.Missing.Count == 0);
        file.ShouldContain("@media print");
        var style = file[
            (file.IndexOf("<style>", StringComparison.Ordinal) + 7)..file.IndexOf("</style>", StringComparison.Ordinal)
        ];
        var allowed = Convert.ToBase64String(
            System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(style))
        );
        file.ShouldContain(
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; base-uri 'none'; "
                + $"form-action 'none'; style-src 'sha256-{allowed}'\">"
        );
        foreach (var way in new[] { "http://", "https://", "src=", "href=", "url(" })
        {
            file.ShouldNotContain(way, Case.Insensitive, "nothing is fetched from anywhere");
        }
    }

    [Theory]
    [InlineData("agent-c3", 5)]
    [InlineData("", 13)]
    public async Task Evidence_about_an_agent_or_a_partner_holds(string agent, int atLeast)
    {
        var file = await ExportAsync(
            new()
            {
                Asking = Asking(),
                Account = new() { Siret = SampleRequests.Siret, Agent = agent },
            }
        );
        EvidenceVerifier.Run(file, _service.Key, null, null).Answers.ShouldBeGreaterThanOrEqualTo(atLeast);
    }

    [Fact]
    public async Task Evidence_about_a_period_holds_and_a_period_has_two_ends()
    {
        var period = new ExportEvidenceRequest
        {
            Asking = Asking(),
            From = At("2026-01-01T00:00:00Z"),
            Until = At("2100-01-01T00:00:00Z"),
        };
        EvidenceVerifier.Run(await ExportAsync(period), _service.Key, null, null).Answers.ShouldBe(13);
        (
            await Should.ThrowAsync<RpcException>(() =>
                ExportAsync(new() { Asking = Asking(), From = At("2026-01-01T00:00:00Z") })
            )
        ).StatusCode.ShouldBe(StatusCode.InvalidArgument);
    }

    [Fact]
    public async Task As_known_then_it_says_what_was_known_then()
    {
        var known =
            (
                await PostgresCluster.QueryAsync<long>(
                    _service.ConnectionString,
                    "select max(position) from ledger.usage"
                )
            ) - 1;
        var file = await ExportAsync(
            new()
            {
                Asking = Asking(known),
                Allocataire = new() { Caf = "763", Matricule = "1204571" },
            }
        );
        EvidenceVerifier.Run(file, _service.Key, null, null).Answers.ShouldBe(1);
        EvidenceFile.Read(file).Said().Consultations.Single().Reasons.ShouldBeEmpty();
    }

    [Fact]
    public async Task Whatever_is_touched_does_not_hold()
    {
        var file = await ExportAsync(
            new()
            {
                Asking = Asking(),
                Account = new() { Siret = SampleRequests.Siret, Agent = "agent-c3" },
            }
        );
        var evidence = EvidenceFile.Read(file);
        IsIssuedPage(file).ShouldBeTrue();
        IsIssuedPage(file.ReplaceLineEndings("\r\n")).ShouldBeTrue("another system's line ends are no other words");
        IsIssuedPage(file.Replace(">Irrégulier", ">Régulier", StringComparison.Ordinal)).ShouldBeFalse();
        IsIssuedPage(file.Replace("</body>", "<p>and more</p></body>", StringComparison.Ordinal)).ShouldBeFalse();
        var data = EvidenceFile.Element(evidence);
        IsIssuedPage(
                file.Replace(data, string.Empty, StringComparison.Ordinal)
                    .Replace("<main", $"<ma{data}", StringComparison.Ordinal)
                    .Replace($"<ma{data}>", $"<ma{data}in>", StringComparison.Ordinal)
            )
            .ShouldBeFalse("the data were moved");
        IsIssuedPage(file.Replace("<main>", $"<main>{data}", StringComparison.Ordinal))
            .ShouldBeFalse("they stand twice");
        IsIssuedPage(file.Replace("caf-ledger-proofs\">", "caf-ledger-proofs\"><b></b>", StringComparison.Ordinal))
            .ShouldBeFalse();
        Should.Throw<NoEvidenceException>(() => EvidenceVerifier.Run("a letter", _service.Key, null, null));
        Refused(file[..200], "no evidence");

        // Made anew from other data, so that page and data agree.
        Refused(Saying(e => e with { Consultations = [.. e.Consultations.Skip(1)] }), "not what the ledger has issued");
        Refused(Saying(e => e with { KnownAt = 3 }), "not what the ledger has issued");
        Refused(Saying(e => e with { Question = e.Question with { Caf = "764" } }), "not what the ledger has issued");
        Refused(With(e => e with { Issued = e.Events[0] }), "not what the ledger has issued");
        Refused(
            With(e =>
                e with
                {
                    Events =
                    [
                        .. e.Events.Select(x =>
                            x with
                            {
                                Content = Encoding.UTF8.GetBytes(
                                    Encoding
                                        .UTF8.GetString(x.Content)
                                        .Replace("agent-c3", "agent-c4", StringComparison.Ordinal)
                                ),
                            }
                        ),
                    ],
                }
            ),
            "not the one that was recorded"
        );
        Refused(
            With(e => e with { Events = [.. e.Events.Select(x => x with { Salt = new byte[16] })] }),
            "not the one that was recorded"
        );
        Refused(
            With(e =>
                e with
                {
                    Events =
                    [
                        .. e.Events.Select(x =>
                            x with
                            {
                                Entry = x.Entry.Replace("-recorded.v1", "-refused.v1", StringComparison.Ordinal),
                            }
                        ),
                    ],
                }
            ),
            "does not stand at position"
        );
        Refused(With(e => e with { Events = [.. e.Events.Reverse()] }), "order of their positions");
        Refused(With(e => e with { Events = [.. e.Events.SkipLast(1)] }), "those that the statement names");
        Refused(
            With(e => e with { Vkey = new NoteSigner(_service.Key.Name, new byte[32]).Verifier.ToString() }),
            "another public key"
        );
        Should.Throw<FormatException>(() =>
            EvidenceVerifier.Run(file, new NoteSigner(_service.Key.Name, new byte[32]).Verifier, null, null)
        );
        Should
            .Throw<FormatException>(() =>
                EvidenceVerifier.Run(
                    file,
                    _service.Key,
                    TrustPolicy.Parse(
                        $"witness w {new NoteSigner("w", new byte[32], NoteKeyType.Cosignature).Verifier}\nquorum w"
                    ),
                    null
                )
            )
            .Message.ShouldContain("cosignatures");
        Should
            .Throw<FormatException>(() =>
                EvidenceVerifier.Run(file, _service.Key, null, new TimestampTrust([], TimeSpan.FromDays(1), default))
            )
            .Message.ShouldContain("No timestamp");

        bool IsIssuedPage(string text) => EvidenceVerifier.Run(text, _service.Key, null, null).IsIssuedPage;
        string With(Func<Evidence, Evidence> change) => EvidenceFile.Element(change(evidence));
        string Saying(Func<EvidenceStatement, EvidenceStatement> change) =>
            With(e => e with { Statement = change(e.Said()).ToJson() });
        void Refused(string text, string why) =>
            Should
                .Throw<FormatException>(() => EvidenceVerifier.Run(text, _service.Key, null, null))
                .Message.ShouldContain(why);
    }

    [Fact]
    public async Task A_ledger_that_issued_an_answer_which_its_events_do_not_give_is_found_out()
    {
        var honest = EvidenceFile.Read(
            await ExportAsync(
                new()
                {
                    Asking = Asking(),
                    Account = new() { Siret = SampleRequests.Siret, Agent = "agent-c3" },
                }
            )
        );
        await RefusedAsync(
            s => s with { Consultations = [.. s.Consultations.Skip(1)] },
            "not the one that the events give"
        );
        await RefusedAsync(s => s with { KnownAt = 3 }, "after the position 3");
        await RefusedAsync(
            s => s with { RestsOn = [.. s.RestsOn.Skip(1)] },
            "some that the answer rests on are missing"
        );
        await RefusedAsync(s => s with { RestsOn = [.. s.RestsOn.Take(4), .. s.RestsOn.Skip(5)] }, "are left out");
        await RefusedAsync(
            s => s with { RestsOn = [.. s.RestsOn.Append(s.About.First(p => !s.RestsOn.Contains(p))).Order()] },
            "not those that bear on it"
        );

        async Task RefusedAsync(Func<EvidenceStatement, EvidenceStatement> lie, string why)
        {
            var said = lie(honest.Said());
            await using var database = new LedgerDatabase(_service.ConnectionString);
            using var replica = new Replica(database);
            await using var writer = new LedgerWriter(database, replica);
            var context = new EventContext(
                new(AgentId.Parse("investigator-1"), CafCode.Parse("763"), null),
                Guid.Parse(Ids.Next())
            );
            var issued = await writer.AppendAsync(
                AppendRequest.Of(
                    context,
                    [1],
                    new IssueEvidence(EvidenceStatement.DigestOf(said.ToJson()), "of no page", said.KnownAt)
                ),
                CancellationToken.None
            );
            var note = (await _service.Client.Integrity.GetReceiptAsync(new() { Position = issued.Position })).Receipt;
            note = TlogProof.Parse(note).Note;
            var size = Checkpoint.Open(note, _service.Key).Size;
            var proved = await EvidenceSource.EventsAsync(
                database,
                [.. said.About.Union(said.RestsOn).Append(issued.Position)],
                size,
                CancellationToken.None
            );
            var events = proved
                .Select(e => new EvidenceEvent(e.Entry, e.Salt, e.Content, [.. e.Path.Select(h => h.ToBase64())]))
                .ToList();
            var file = EvidenceFile.Element(
                honest with
                {
                    Statement = said.ToJson(),
                    Checkpoint = note,
                    Events = events[..^1],
                    Issued = events[^1],
                }
            );
            Should
                .Throw<FormatException>(() => EvidenceVerifier.Run(file, _service.Key, null, null))
                .Message.ShouldContain(why);
        }
    }

    [Fact]
    public async Task Asking_for_evidence_is_recorded_and_what_is_asked_badly_is_refused()
    {
        await ExportAsync(new() { Asking = Asking(), Service = "CDAP" });
        (
            await PostgresCluster.QueryAsync<string>(
                _service.ConnectionString,
                "select content->'event'->>'question' from ledger.ledger_event where type = 'traces-consulted.v1' "
                    + "order by position desc limit 1"
            )
        ).ShouldBe("export-evidence");
        foreach (
            var request in new ExportEvidenceRequest[]
            {
                new() { Asking = Asking() },
                new() { Service = "CDAP" },
                new()
                {
                    Asking = Asking(),
                    Account = new() { Siret = "1" },
                },
            }
        )
        {
            (await Should.ThrowAsync<RpcException>(() => ExportAsync(request))).StatusCode.ShouldBe(
                StatusCode.InvalidArgument
            );
        }
    }

    private async Task<string> ExportAsync(ExportEvidenceRequest request)
    {
        using var file = new MemoryStream();
        await _service.Client.ExportEvidenceAsync(request, file);
        return Encoding.UTF8.GetString(file.ToArray());
    }
}
