using System.Globalization;
using Caf.Ledger.V1;
using Google.Protobuf;
using Grpc.Core;
using Ledger.Domain.Common;
using Ledger.Domain.Dossiers;
using Ledger.Domain.Knowing;
using Ledger.Domain.Retention;
using Ledger.Service.Callers;
using Ledger.Service.Hosting;
using Ledger.Service.Mapping;
using Ledger.Store.Appending;
using Ledger.Store.Retention;

namespace Ledger.Service.Retention;

/// <summary>Says which months are at their lawful end, does away with them, and erases files by decision.</summary>
internal sealed class RetentionGrpcService(LedgerNode node, TimeProvider time) : RetentionService.RetentionServiceBase
{
    private const int MostMonths = 1200;
    private const int Tries = 5;

    public override async Task<ListMonthsResponse> ListMonths(ListMonthsRequest request, ServerCallContext call)
    {
        var cancel = call.CancellationToken;
        var known = (await node.History.SnapshotAsync(null, cancel)).Latest;
        var months = await node.Pseudonyms.MonthsAsync(cancel);
        var today = LegalTime.DayOf(time.GetUtcNow());
        var due = months.Where(m => RetentionTerm.Of(known, m).IsDue(today)).ToList();
        var cleared = await Held().ClearedAsync(known, due, cancel);
        return new()
        {
            Months =
            {
                months
                    .Concat(known.DestroyedEpochs)
                    .Order(StringComparer.Ordinal)
                    .Select(month => Kept(RetentionTerm.Of(known, month), today, known, cleared, call.Caller().Scope)),
            },
        };
    }

    public override async Task<ApplyRetentionResponse> ApplyRetention(ApplyRetentionRequest r, ServerCallContext call)
    {
        call.Caller().RequireEveryCaf();
        var reason = Read.Required("reason", r.Reason);
        var named = Named(r);
        var cancel = call.CancellationToken;
        var known = (await node.History.SnapshotAsync(null, cancel)).Latest;
        var there = await node.Pseudonyms.MonthsAsync(cancel);
        foreach (var (i, month) in named.Index())
        {
            if (!there.Contains(month) && !known.DestroyedEpochs.Contains(month))
            {
                throw new InvalidFieldException($"months[{i}]", "Nothing was recorded in it: it has no key.");
            }
        }

        var today = LegalTime.DayOf(time.GetUtcNow());
        var months = named.Count > 0 ? named : there.Where(IsDue).ToList();
        var cleared = await Held().ClearedAsync(known, months.Where(there.Contains).ToList(), cancel);
        if (named.Count == 0)
        {
            var holds = LegalHold.Standing(known);
            months = [.. months.Where(m => !Domain.Retention.ApplyRetention.Keeping(holds, m, cleared).Any())];
        }

        var procedure = ProcedureId.Parse($"retention-{call.Asker().RequestId}");
        var ack = await node.DecideAsync(
            r,
            r.Context,
            call,
            () => new ApplyRetention(procedure, months, cleared, known.Position, reason)
        );
        node.Pseudonyms.Forget();
        return new()
        {
            Acknowledgement = Write.Acknowledgement(ack),
            Months = { await DestroyedByAsync(procedure, cancel) },
        };

        bool IsDue(string month) => RetentionTerm.Of(known, month).IsDue(today);
    }

    public override async Task<EraseFileResponse> EraseFile(EraseFileRequest r, ServerCallContext call)
    {
        var (caf, matricule) = Read.Allocataire("allocataire", r.Allocataire);
        var (decision, reason) = (Read.Required("decision", r.Decision), Read.Required("reason", r.Reason));
        var cancel = call.CancellationToken;

        // Afterwards the number leads elsewhere: whether a request came before is told under the key of the month.
        var month = await node.Pseudonyms.InAsync(time.GetUtcNow(), cancel);
        var content = r.Copy();
        content.Context.Covered = false;
        var digest = month.Digest(content.ToByteArray());
        await node.Erasing.WaitAsync(cancel);
        using var turn = new Turn(node.Erasing);
        for (var tries = 1; ; tries++)
        {
            var erasure = node.Pseudonyms.Without(caf, matricule);
            try
            {
                var file = new DossierIdentity(erasure.Dossier, caf);
                var ack = await node.Writer.AppendAsync(
                    AppendRequest.Of(
                        call.Asker(),
                        digest,
                        new EraseFile(file, decision, reason, erasure.Before, erasure.After)
                    ),
                    cancel,
                    call.TurnTaker()
                );
                if (ack.Repeated)
                {
                    erasure.Cancel();
                }

                node.Pseudonyms.TakeFiles();
                return new()
                {
                    Acknowledgement = Write.Acknowledgement(await node.CoveredAsync(r.Context.Covered, ack, cancel)),
                    OtherFiles =
                        (await node.History.SnapshotAsync(null, cancel))
                            .Latest.Dossiers.IdentitiesOf(file)
                            .Identities.Count - 1,
                };
            }
            catch (Exception e) when (e is RefusedException or RequestIdReusedException or FileKeysChangedException)
            {
                // Nothing was recorded. After any other failure it may have been: then these keys are those of now.
                erasure.Cancel();
                if (e is not FileKeysChangedException || tries == Tries)
                {
                    throw;
                }
            }
        }
    }

    private HeldMonths Held() => new(node.Database, node.Pseudonyms);

    private async Task<IEnumerable<string>> DestroyedByAsync(ProcedureId id, CancellationToken cancel) =>
        (await node.History.SnapshotAsync(null, cancel)).Latest.TryFind(id, out var procedure)
            ? procedure
                .Steps(Domain.Retention.ApplyRetention.Destroyed)
                .Select(s => s.Step.Details[Domain.Retention.ApplyRetention.Epoch])
            : [];

    private static List<string> Named(ApplyRetentionRequest r)
    {
        if (r.Months.Count > MostMonths || r.Months.Distinct().Count() != r.Months.Count)
        {
            throw new InvalidFieldException("months", $"At most {MostMonths} are named, and none twice.");
        }

        foreach (var (i, month) in r.Months.Index())
        {
            if (
                !DateOnly.TryParseExact(
                    $"{month}-01",
                    "yyyy-MM-dd",
                    CultureInfo.InvariantCulture,
                    DateTimeStyles.None,
                    out var first
                )
                || first < LegalTime.FirstDay
                || first > LegalTime.LastDay
            )
            {
                throw new InvalidFieldException($"months[{i}]", "It is a month, yyyy-MM.");
            }
        }

        return [.. r.Months];
    }

    private static MonthKept Kept(
        RetentionTerm term,
        DateOnly today,
        Knowledge known,
        IReadOnlySet<(long Hold, string Month)> cleared,
        CallerScope scope
    )
    {
        var destroyed = known.DestroyedEpochs.Contains(term.Month);
        return new()
        {
            Month = term.Month,
            Months = term.Months ?? 0,
            DueOn = term.DueOn?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? string.Empty,
            Because = { term.Because },
            Due = !destroyed && term.IsDue(today),
            Destroyed = destroyed,
            Holds =
            {
                destroyed
                    ? []
                    : Domain
                        .Retention.ApplyRetention.Keeping(LegalHold.Standing(known), term.Month, cleared)
                        .Select(h => scope.Has(h.Caf) ? h.Id.Value : "another Caf")
                        .Distinct(),
            },
        };
    }

    // One at a time on a node: each writes the keys of files anew.
    private readonly struct Turn(SemaphoreSlim of) : IDisposable
    {
        public void Dispose() => of.Release();
    }
}
