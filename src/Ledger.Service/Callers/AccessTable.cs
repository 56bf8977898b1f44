using static Ledger.Service.Callers.Role;

namespace Ledger.Service.Callers;

/// <summary>Who may call a method.</summary>
/// <param name="Method">The service and the method, or what else is served over HTTP.</param>
/// <param name="Roles">Who may call it; whoever is not named may not.</param>
/// <param name="WithCase">Those of them who name an open case of their Caf in it (art. 7).</param>
public sealed record AccessRow(string Method, IReadOnlyList<Role> Roles, IReadOnlyList<Role> WithCase);

/// <summary>
/// Roles by methods: the whole of it, and default deny. In which scope a caller may is checked on the request: an actor
/// is of an organisation in the caller's scope, acts follow the rules for that actor, and an answer speaks of the
/// actor's Caf alone.
/// </summary>
public static class AccessTable
{
    /// <summary>The last checkpoint and the hashes of the tree.</summary>
    public const string TreeTiles = "tiles/tree";

    /// <summary>The entries of the log.</summary>
    public const string EntryTiles = "tiles/entries";

    /// <summary>The contract, as an OpenAPI document.</summary>
    public const string OpenApi = "openapi";

    private static readonly Role[] Everyone = Enum.GetValues<Role>();
    private static readonly Role[] OfThePartner = [Portal, Gestionnaire, Administrateur];
    private static readonly Role[] OfTheCaf = [Administrateur];
    private static readonly Role[] OfUse = [Portal];
    private static readonly Role[] OnAccess = [Investigator, Dpo];
    private static readonly Role[] OnGovernance = [Administrateur, Investigator, Dpo, Auditor];

    /// <summary>The rows, in the order of the contract.</summary>
    public static IReadOnlyList<AccessRow> Rows { get; } =
    [
        .. Of(
            "ConventionService",
            OfTheCaf,
            "SignConvention",
            "SignServiceContract",
            "SignEnrolment",
            "OpenService",
            "CloseService",
            "AmendConvention",
            "ChangeHabilitationMode",
            "RefuseHabilitation"
        ),
        .. Of(
            "ConventionService",
            OfThePartner,
            "RecordCnilFormality",
            "DesignateGestionnaire",
            "RevokeGestionnaire",
            "AttachAgent",
            "ReportDeparture",
            "ReportFunctionChange",
            "RecordCredentials",
            "DeclareAutomaton",
            "RequestHabilitation",
            "TerminateConvention"
        ),
        .. Of(
            "HabilitationService",
            OfThePartner,
            "GrantHabilitation",
            "SuspendHabilitation",
            "LiftSuspension",
            "RevokeHabilitation",
            "ModifyHabilitation",
            "ReviewHabilitation"
        ),
        .. Of("HabilitationService", OfTheCaf, "InvalidateHabilitation"),
        .. Of("ConsultationService", OfUse, "RecordConsultation", "RecordConsultations", "RecordUsage"),
        .. Of("ProcedureService", [Portal, Gestionnaire, Administrateur, Investigator, Dpo], "TakeStep"),
        .. Of("ProcedureService", Everyone, "ListProcedureKinds"),
        .. Of("ProcedureService", OfTheCaf, "AttachDossier", "TransferDossier", "RectifyEvent", "PublishCatalogue"),
        .. Of("ProcedureService", [Administrateur, Investigator], "QualifyAlert"),
        .. Of("RetentionService", [Administrateur, Dpo, Auditor, Operator], "ListMonths"),
        .. Of("RetentionService", [Administrateur, Dpo], "ApplyRetention", "EraseFile"),
        .. Cases(
            OnAccess,
            "WhoCouldAccess",
            "WhoDidAccess",
            "GetFileHistory",
            "ListAgentConsultations",
            "GetRightsTimeline",
            "ListIrregularConsultations",
            "ListUseAfterEnd",
            "ListConsultationsWithoutFile",
            "GetDisclosures",
            "GetBlastRadius",
            "GetActs",
            "Replay",
            "ExportEvidence"
        ),
        .. Cases([Investigator, Dpo, Auditor], "ListTraceReads"),
        .. Of(
            "AccessHistoryService",
            OnGovernance,
            "ListQuestionableActs",
            "ListDormantHabilitations",
            "ListReportingDelays",
            "GetPrestataireCoverage",
            "GetContractInForce",
            "ListChangesSinceReview",
            "ListDeadlines",
            "GetPeriodProof",
            "ListAlerts",
            "ExplainAlert",
            "DraftAnnualReview",
            "GetPartenaire",
            "GetService",
            "ListCases",
            "GetCase"
        ),
        .. Of("CallerService", Everyone, "GetCaller"),
        .. Of("IntegrityService", Everyone, "GetCheckpoint", "GetInclusionProof", "GetConsistencyProof", "GetReceipt"),
        .. Of("IntegrityService", [Administrateur, Dpo, Auditor, Verifier, Operator], "GetAnchors"),
        new("grpc.health.v1.Health/Check", Everyone, []),
        new("grpc.health.v1.Health/Watch", Everyone, []),
        new("grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", Everyone, []),
        new("grpc.reflection.v1.ServerReflection/ServerReflectionInfo", Everyone, []),
        new(OpenApi, Everyone, []),
        new(TreeTiles, [Auditor, Verifier, Operator], []),
        new(EntryTiles, [Verifier], []),
    ];

    private static readonly Dictionary<string, AccessRow> ByMethod = Rows.ToDictionary(row => row.Method);

    /// <summary>The row of a method: one that nobody may call where there is none.</summary>
    public static AccessRow Of(string method) =>
        ByMethod.TryGetValue(method.TrimStart('/'), out var row) ? row : new AccessRow(method, [], []);

    /// <summary>The table, as the documents print it.</summary>
    public static string ToMarkdown()
    {
        var lines = new[] { $"| method | {string.Join(" | ", Everyone.Select(r => r.Name()))} |" }
            .Append($"|---|{string.Concat(Everyone.Select(_ => "---|"))}")
            .Concat(
                Rows.Select(row => $"| `{row.Method}` | {string.Join(" | ", Everyone.Select(r => Mark(row, r)))} |")
            );
        return string.Join('\n', lines) + "\n";
    }

    private static string Mark(AccessRow row, Role role) =>
        row.WithCase.Contains(role) ? "in a case"
        : row.Roles.Contains(role) ? "yes"
        : string.Empty;

    private static IEnumerable<AccessRow> Of(string service, Role[] roles, params string[] methods) =>
        methods.Select(method => new AccessRow($"caf.ledger.v1.{service}/{method}", roles, []));

    // Questions that show who opened which file: an investigator asks them within a case.
    private static IEnumerable<AccessRow> Cases(Role[] roles, params string[] methods) =>
        methods.Select(method => new AccessRow($"caf.ledger.v1.AccessHistoryService/{method}", roles, [Investigator]));
}
