using Caf.Ledger.V1;
using Ledger.Tests;
using static Ledger.Tests.SampleRequests;

namespace Ledger.Service.Tests;

/// <summary>What was recorded wrongly is rectified, and what a judge asks to be kept from somebody is.</summary>
[Collection(PostgresTests.Name)]
public sealed class RedressTests(PostgresCluster cluster) : IAsyncLifetime
{
    private RunningService _service = null!;
    private Allocataire _file = null!;

    private AccessHistoryService.AccessHistoryServiceClient Ask => _service.Client.History;

    public async Task InitializeAsync()
    {
        _service = await RunningService.StartAsync(cluster);
        await _service.Client.UpToAGrantAsync();
        foreach (var at in new[] { "2026-03-10T10:00:00Z", "2026-03-11T10:00:00Z", "2026-04-10T10:00:00Z" })
        {
            var opened = Consultation(at: at);
            _file = opened.Consultation.Allocataire;
            await _service.Client.Consultations.RecordConsultationAsync(opened); // 9, 10, 11
        }
    }

    public async Task DisposeAsync() => await _service.DisposeAsync();

    [Fact]
    public async Task Q12_what_is_withheld_is_not_told_whatever_is_asked_as_known_at_until_it_is_released()
    {
        await StepAsync("disclosures-withheld", 10, ("basis", "requisition"), ("reference", "TJ 12"));
        foreach (
            var known in new[]
            {
                null,
                new KnownAt { Position = 11 },
            }
        )
        {
            var asking = Asking();
            asking.KnownAt = known;
            var answer = await Ask.GetDisclosuresAsync(new() { Asking = asking, Allocataire = _file });
            answer.Disclosures.Select(d => d.Position).ShouldBe([9, 11]);
            answer
                .Withheld.Select(w => (w.Position, w.Procedure, w.Basis))
                .ShouldBe([(10, "withheld-1", "requisition")]);
        }

        await StepAsync("disclosures-released", null);
        var released = await Ask.GetDisclosuresAsync(new() { Asking = Asking(), Allocataire = _file });
        released.Disclosures.Select(d => d.Position).ShouldBe([9, 10, 11]);
        released.Withheld.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_consultation_that_was_rectified_stays_with_its_rectification_and_accuses_nobody()
    {
        var departed = new ReportDepartureRequest
        {
            Context = By("agent-a1"),
            Convention = "conv-1",
            Agent = "agent-c3",
            LeftOn = "2026-03-01",
            SignalledOn = "2026-04-20",
        };
        await _service.Client.Conventions.ReportDepartureAsync(departed);
        var rectified = await _service.Client.Procedures.RectifyEventAsync(
            new()
            {
                Context = ByCaf(),
                Of = 10,
                Reason = "it was another agent",
            }
        );
        var answer = await Ask.WhoDidAccessAsync(new() { Asking = Asking(), Allocataire = _file });
        var found = answer.Consultations.Single(c => c.Position == 10);
        found.RectifiedBy.Position.ShouldBe(rectified.Acknowledgement.Position);
        found.Learnt.Select(a => a.Type).ShouldContain("consultation-rectified.v1");
        (await Ask.ListUseAfterEndAsync(new() { Asking = Asking() }))
            .Consultations.Select(c => c.Position)
            .ShouldBe([9, 11]);
        var told = await Ask.GetDisclosuresAsync(new() { Asking = Asking(), Allocataire = _file });
        told.Disclosures.Single(d => d.Rectified).Position.ShouldBe(10);
    }

    private async Task StepAsync(string step, long? about, params (string Name, string Value)[] details)
    {
        var request = new TakeStepRequest
        {
            Context = ByCaf(),
            Procedure = "withheld-1",
            Step = step,
            By = Party.Caf,
            On = "2026-04-20",
            Text = "letter of the judge",
        };
        if (about is { } position)
        {
            request.About.Add(position);
        }

        foreach (var (name, value) in details)
        {
            request.Details.Add(name, value);
        }

        await _service.Client.Procedures.TakeStepAsync(request);
    }
}
