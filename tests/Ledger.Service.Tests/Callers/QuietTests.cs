using System.Text;
using Caf.Ledger.V1;
using Grpc.Core;
using Ledger.Client;
using Ledger.Domain.Common;
using Ledger.Service.Keys;
using Ledger.Store.Publishing;
using Ledger.Store.Schema;
using Ledger.Tests;
using static Ledger.Service.Tests.Callers.GuardedService;
using static Ledger.Tests.SampleRequests;
using Allocataire = Caf.Ledger.V1.Allocataire;

namespace Ledger.Service.Tests.Callers;

/// <summary>A whole scenario is played with marked values, and none of them is anywhere in what was emitted.</summary>
[Collection(PostgresTests.Name)]
public sealed class QuietTests(PostgresCluster cluster)
{
    private const string Matricule = "481516234299";
    private const string Other = "907856341299";
    private const string Session = "session-marked-1";
    private const string Address = "198.51.100.77";
    private const string BusinessFile = "AS-marked-1";

    private readonly List<string> _tokens = [];
    private Emitted _emitted = null!;
    private GuardedService _service = null!;

    [Fact]
    public async Task Nothing_that_is_personal_or_secret_is_in_logs_traces_metrics_answers_dumps_exports_or_files()
    {
        using var emitted = _emitted = new Emitted();
        var before = Temporary().ToHashSet();
        await using var service = _service = await GuardedService.StartAsync(cluster, everything: emitted);
        using var page = new MemoryStream();
        var folder = Directory.CreateTempSubdirectory("ledger-export-").FullName;
        await PlayAsync(page);
        await DumpAsync();
        await using (var database = new LedgerDatabase(service.Running.ConnectionString))
        {
            await FolderExport.WriteAsync(database, service.Running.Key, folder, CancellationToken.None);
        }

        // The page of evidence names the number that was asked about, and is its reader's alone; the rest is not in it.
        Search("evidence", Encoding.UTF8.GetString(page.ToArray()), Secrets().Except([Matricule]));
        foreach (var file in Temporary().Except(before).Where(f => !IsOfTheTest(f)))
        {
            Search(file, Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file)), Secrets());
        }

        emitted.Texts.Count.ShouldBeGreaterThan(500, "what is said was heard");
        foreach (var (from, text) in emitted.Texts)
        {
            Search(from, text, Secrets());
        }

        Directory.Delete(folder, recursive: true);
    }

    private async Task PlayAsync(Stream page)
    {
        using var portal = _service.WithCertificate(_service.Pki.Client("portail"));
        using var admin = await OfAsync("caf-admin", "administrateur");
        using var dpo = await OfAsync("dpo-7", "dpo");
        await admin.Conventions.SignConventionAsync(Convention());
        var use = Consultation(Matricule, "2026-03-10T10:00:00Z");
        var details = use.Consultation;
        (details.Session, details.Address, details.BusinessFile) = (Session, Address, BusinessFile);
        await portal.Consultations.RecordConsultationAsync(use);
        await portal.ReceiptAsync(
            (await portal.Consultations.RecordConsultationAsync(use)).Acknowledgement,
            _service.Running.Key
        );
        await admin.Procedures.AttachDossierAsync(
            new()
            {
                Context = AskingAs("caf-admin", "763").Context,
                Allocataire = Of(Matricule),
                Commune = "76575",
                From = "2026-01-01",
            }
        );
        await admin.Procedures.TransferDossierAsync(
            new()
            {
                Context = AskingAs("caf-admin", "763").Context,
                From = Of(Matricule),
                To = new Allocataire { Caf = "591", Matricule = Other },
                On = "2026-06-01",
            }
        );
        await dpo.History.WhoDidAccessAsync(new() { Asking = Dpo(), Allocataire = Of(Matricule) });
        await dpo.History.GetDisclosuresAsync(new() { Asking = Dpo(), Allocataire = Of(Matricule) });
        await dpo.History.GetBlastRadiusAsync(
            new()
            {
                Asking = Dpo(),
                Scope = new UsageScope { Address = Address },
            }
        );
        await dpo.History.ListTraceReadsAsync(new() { Asking = Dpo(), Allocataire = Of(Matricule) });
        await dpo.ExportEvidenceAsync(new ExportEvidenceRequest { Asking = Dpo(), Allocataire = Of(Matricule) }, page);
        var hold = new TakeStepRequest
        {
            Context = Dpo().Context,
            Procedure = "h-1",
            Step = "legal-hold-placed",
            By = Party.Caf,
            On = "2026-03-01",
            Text = "asked for",
            Allocataire = Of(Matricule),
        };
        await dpo.Procedures.TakeStepAsync(hold);
        await ToldAsync(() => EraseAsync(dpo));
        (hold.Step, hold.Allocataire, hold.Context) = ("legal-hold-lifted", null, Dpo().Context);
        await dpo.Procedures.TakeStepAsync(hold);
        await EraseAsync(dpo);

        // What is wrong is told, without what was sent.
        foreach (
            var spoil in new Action<Consultation>[]
            {
                c => c.Allocataire.Matricule = Matricule + Matricule,
                c => c.Session = Session + " with a space",
                c => c.Address = Address + "/é",
                c => c.BusinessFile = BusinessFile + "\u0001",
                c => c.Allocataire.Caf = "76",
            }
        )
        {
            var wrong = Consultation(Matricule);
            (wrong.Consultation.Session, wrong.Consultation.Address) = (Session, Address);
            wrong.Consultation.BusinessFile = BusinessFile;
            spoil(wrong.Consultation);
            await ToldAsync(() => portal.Consultations.RecordConsultationAsync(wrong).ResponseAsync);
        }

        foreach (var token in new[] { _tokens[0] + "x", "marked.token.nonsense" })
        {
            _tokens.Add(token);
            using var stranger = _service.WithToken(token);
            await ToldAsync(() => stranger.Integrity.GetCheckpointAsync(new()).ResponseAsync);
        }

        await new KeyRotation(_service.Running.Keys, new Store.Keys.FileVault(), TimeProvider.System).RunAsync(
            new Domain.Common.Actor(AgentId.Parse("operator-1"), CafCode.Parse("763"), null),
            "each year",
            TimeSpan.FromDays(1),
            revokes: false,
            CancellationToken.None
        );
        var last = Consultation(Other);
        last.Context.Covered = true;
        await portal.Consultations.RecordConsultationAsync(last);
    }

    private static Task<EraseFileResponse> EraseAsync(LedgerClient dpo) =>
        dpo
            .Retention.EraseFileAsync(
                new()
                {
                    Context = Dpo().Context,
                    Allocataire = Of(Matricule),
                    Decision = "D-1",
                    Reason = "art. 17",
                }
            )
            .ResponseAsync;

    private async Task DumpAsync()
    {
        var file = Path.GetTempFileName();
        PostgresTools.Run("pg_dump", _service.Running.ConnectionString, "--inserts", "--file", file);
        _emitted.Add("the database's dump", await File.ReadAllTextAsync(file));
        File.Delete(file);
    }

    private async Task ToldAsync(Func<Task> call)
    {
        var refused = await Should.ThrowAsync<RpcException>(call);
        _emitted.Add(
            "an answer",
            $"{refused.Status} "
                + string.Concat(
                    refused.Trailers.Select(t => t.IsBinary ? Encoding.Latin1.GetString(t.ValueBytes) : t.Value)
                )
        );
    }

    private async Task<LedgerClient> OfAsync(string who, string role)
    {
        var token = await _service.Provider.GiveAsync(new Token(who, [role], ["*"]));
        _tokens.Add(token);
        return _service.WithToken(token);
    }

    private static Asking Dpo() => AskingAs("dpo-7", "763");

    private static Allocataire Of(string matricule) => new() { Caf = "763", Matricule = matricule };

    // The keys, tokens and passwords of the scenario, and what is a beneficiary's.
    private IEnumerable<string> Secrets()
    {
        yield return Matricule;
        yield return Other;
        yield return Session;
        yield return Address;
        yield return BusinessFile;
        yield return PostgresCluster.WriterPassword;
        foreach (var token in _tokens)
        {
            yield return token;
        }

        foreach (var file in Directory.GetFiles(_service.Running.Keys, "*.key", SearchOption.AllDirectories))
        {
            var content = File.ReadAllBytes(file);
            if (content.Length == 32)
            {
                yield return Convert.ToBase64String(content);
                yield return Convert.ToHexStringLower(content);
                continue;
            }

            var lines = Encoding.UTF8.GetString(content).Split('\n').Where(l => l.Length > 0);
            foreach (var line in lines.Where(l => !l.StartsWith("before", StringComparison.Ordinal)).Take(20))
            {
                yield return line.Split(line.StartsWith("PRIVATE", StringComparison.Ordinal) ? '+' : ' ', 5)[^1];
            }
        }
    }

    private static void Search(string where, string text, IEnumerable<string> secrets)
    {
        foreach (var secret in secrets)
        {
            text.Contains(secret, StringComparison.OrdinalIgnoreCase).ShouldBeFalse($"'{secret}' is in {where}");
            text.Contains(Convert.ToHexString(Encoding.UTF8.GetBytes(secret)), StringComparison.OrdinalIgnoreCase)
                .ShouldBeFalse($"'{secret}' is in {where}, as bytes");
        }
    }

    private static IEnumerable<string> Temporary() =>
        Directory
            .EnumerateFiles(
                Path.GetTempPath(),
                "*",
                new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true }
            )
            .Where(f =>
                f.Contains("ledger-", StringComparison.Ordinal) || Path.GetDirectoryName(f) + "/" == Path.GetTempPath()
            );

    // What the test itself writes: keys, and what callers hold; and PostgreSQL's own files, whose dump is searched.
    private bool IsOfTheTest(string file) =>
        file.StartsWith(_service.Folder, StringComparison.Ordinal)
        || file.EndsWith(".key", StringComparison.Ordinal)
        || file.Contains("ledger-tests-", StringComparison.Ordinal)
        || file.Contains("ledger-hsm-", StringComparison.Ordinal);
}
