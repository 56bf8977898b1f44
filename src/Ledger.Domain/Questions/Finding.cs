using Ledger.Domain.Common;

namespace Ledger.Domain.Questions;

/// <summary>One line of an answer: what was found, and what anyone can check it by.</summary>
/// <param name="Key">Its place in a stable order, and what a page goes on after.</param>
/// <param name="Kind">What it is about, by a stable name.</param>
/// <param name="Particulars">What its sentence speaks of.</param>
/// <param name="Because">The positions of the events that justify it.</param>
/// <param name="Convention">Under which convention.</param>
/// <param name="Siret">At which partner.</param>
/// <param name="Agent">Whom it is about.</param>
/// <param name="Habilitation">Which right.</param>
/// <param name="On">The day it is about.</param>
/// <param name="Days">A number of days, where there is one.</param>
public sealed record Finding(
    string Key,
    string Kind,
    IReadOnlyDictionary<string, string> Particulars,
    IReadOnlyList<long> Because,
    ConventionId? Convention = null,
    Siret? Siret = null,
    AgentId? Agent = null,
    HabilitationId? Habilitation = null,
    DateOnly? On = null,
    int? Days = null
);
