using System.Text.Json.Serialization;

namespace Ledger.Domain.Common;

/// <summary>The code of a Caf: three digits, such as 763.</summary>
[JsonConverter(typeof(TextConverter<CafCode>))]
public readonly record struct CafCode : IText<CafCode>
{
    private CafCode(string value) => Value = value;

    /// <inheritdoc/>
    public string Value { get; }

    /// <inheritdoc/>
    public static CafCode Parse(string text) =>
        text.Length == 3 && text.All(char.IsAsciiDigit)
            ? new CafCode(text)
            : throw new FormatException("A Caf code has three digits.");

    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>The number of a partner's establishment: 14 digits, the last of them a check digit.</summary>
/// <remarks>
/// The check is Luhn's; La Poste (SIREN 356000000) may also have a digit sum that is a multiple of five.
/// </remarks>
[JsonConverter(typeof(TextConverter<Siret>))]
public readonly record struct Siret : IText<Siret>
{
    private const string LaPoste = "356000000";

    private Siret(string value) => Value = value;

    /// <inheritdoc/>
    public string Value { get; }

    /// <inheritdoc/>
    public static Siret Parse(string text)
    {
        if (text.Length != 14 || !text.All(char.IsAsciiDigit))
        {
            throw new FormatException("A SIRET has 14 digits.");
        }

        var ofLaPoste = text.StartsWith(LaPoste, StringComparison.Ordinal) && text.Sum(c => c - '0') % 5 == 0;
        return Luhn(text) || ofLaPoste
            ? new Siret(text)
            : throw new FormatException("The check digit of the SIRET is wrong.");
    }

    /// <inheritdoc/>
    public override string ToString() => Value;

    private static bool Luhn(string digits)
    {
        var sum = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            var digit = (digits[^(i + 1)] - '0') * (1 + (i % 2));
            sum += digit > 9 ? digit - 9 : digit;
        }

        return sum % 10 == 0;
    }
}

/// <summary>
/// One human in the partner's directory, under an identifier that is not a name: art. 9.2, one identifier a person.
/// </summary>
[JsonConverter(typeof(TextConverter<AgentId>))]
public readonly record struct AgentId : IText<AgentId>
{
    private AgentId(string value) => Value = value;

    /// <inheritdoc/>
    public string Value { get; }

    /// <inheritdoc/>
    public static AgentId Parse(string text)
    {
        var id = TextRules.Identifier(text, "An agent identifier");
        return TextRules.LooksLikeNir(id)
            ? throw new FormatException("An agent identifier is never a social security number.")
            : new AgentId(id);
    }

    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>A convention's opaque identifier. It names the convention's stream.</summary>
[JsonConverter(typeof(TextConverter<ConventionId>))]
public readonly record struct ConventionId : IText<ConventionId>
{
    private ConventionId(string value) => Value = value;

    /// <inheritdoc/>
    public string Value { get; }

    /// <inheritdoc/>
    public static ConventionId Parse(string text) => new(TextRules.Identifier(text, "A convention identifier"));

    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>A habilitation's opaque identifier. It names the habilitation's stream.</summary>
[JsonConverter(typeof(TextConverter<HabilitationId>))]
public readonly record struct HabilitationId : IText<HabilitationId>
{
    private HabilitationId(string value) => Value = value;

    /// <inheritdoc/>
    public string Value { get; }

    /// <inheritdoc/>
    public static HabilitationId Parse(string text) => new(TextRules.Identifier(text, "A habilitation identifier"));

    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>A procedure's opaque identifier. It names the procedure's stream.</summary>
[JsonConverter(typeof(TextConverter<ProcedureId>))]
public readonly record struct ProcedureId : IText<ProcedureId>
{
    private ProcedureId(string value) => Value = value;

    /// <inheritdoc/>
    public string Value { get; }

    /// <inheritdoc/>
    public static ProcedureId Parse(string text) => new(TextRules.Identifier(text, "A procedure identifier"));

    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>The identifier of an alert: it follows from what the alert is about.</summary>
[JsonConverter(typeof(TextConverter<AlertId>))]
public readonly record struct AlertId : IText<AlertId>
{
    private AlertId(string value) => Value = value;

    /// <inheritdoc/>
    public string Value { get; }

    /// <inheritdoc/>
    public static AlertId Parse(string text) => new(TextRules.Identifier(text, "An alert's identifier"));

    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>The INSEE code of a commune: five characters, digits but for Corsica's 2A and 2B.</summary>
[JsonConverter(typeof(TextConverter<CommuneCode>))]
public readonly record struct CommuneCode : IText<CommuneCode>
{
    private CommuneCode(string value) => Value = value;

    /// <inheritdoc/>
    public string Value { get; }

    /// <inheritdoc/>
    public static CommuneCode Parse(string text) =>
        text.Length == 5
        && text.Select((c, i) => char.IsAsciiDigit(c) || (i == 1 && text[0] == '2' && c is 'A' or 'B'))
            .All(right => right)
            ? new CommuneCode(text)
            : throw new FormatException("A commune's INSEE code has five digits (or 2A, 2B and three).");

    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>A service of « Mon Compte Partenaire », such as CDAP.</summary>
[JsonConverter(typeof(TextConverter<ServiceCode>))]
public readonly record struct ServiceCode : IText<ServiceCode>
{
    private ServiceCode(string value) => Value = value;

    /// <inheritdoc/>
    public string Value { get; }

    /// <inheritdoc/>
    public static ServiceCode Parse(string text) => new(TextRules.Identifier(text, "A service code", 32));

    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>A profile of a service, such as T1: it says which data categories are seen.</summary>
[JsonConverter(typeof(TextConverter<ProfilCode>))]
public readonly record struct ProfilCode : IText<ProfilCode>
{
    private ProfilCode(string value) => Value = value;

    /// <inheritdoc/>
    public string Value { get; }

    /// <inheritdoc/>
    public static ProfilCode Parse(string text) => new(TextRules.Identifier(text, "A profile code", 32));

    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>A purpose for which data may be consulted, among the missions of art. 8.</summary>
[JsonConverter(typeof(TextConverter<Purpose>))]
public readonly record struct Purpose : IText<Purpose>, IComparable<Purpose>
{
    private Purpose(string value) => Value = value;

    /// <inheritdoc/>
    public string Value { get; }

    /// <inheritdoc/>
    public static Purpose Parse(string text) => new(TextRules.Identifier(text, "A purpose"));

    /// <inheritdoc/>
    public int CompareTo(Purpose other) => string.CompareOrdinal(Value, other.Value);

    /// <inheritdoc/>
    public override string ToString() => Value;

    /// <summary>Ordinal order of the texts.</summary>
    public static bool operator <(Purpose left, Purpose right) => left.CompareTo(right) < 0;

    /// <summary>Ordinal order of the texts.</summary>
    public static bool operator >(Purpose left, Purpose right) => left.CompareTo(right) > 0;

    /// <summary>Ordinal order of the texts.</summary>
    public static bool operator <=(Purpose left, Purpose right) => left.CompareTo(right) <= 0;

    /// <summary>Ordinal order of the texts.</summary>
    public static bool operator >=(Purpose left, Purpose right) => left.CompareTo(right) >= 0;
}

/// <summary>
/// The number under which one Caf knows an allocataire: up to 15 letters or digits. Never enters the log in clear.
/// </summary>
public readonly record struct Matricule
{
    private Matricule(string value) => Value = value;

    /// <summary>The number in clear.</summary>
    public string Value { get; }

    /// <summary>Checks a matricule.</summary>
    /// <exception cref="FormatException">
    /// It is not 1 to 15 letters or digits, or it is a social security number.
    /// </exception>
    public static Matricule Parse(string text)
    {
        if (text.Length is < 1 or > 15 || !text.All(char.IsAsciiLetterOrDigit))
        {
            throw new FormatException("A matricule has 1 to 15 letters or digits.");
        }

        return TextRules.LooksLikeNir(text)
            ? throw new FormatException("A matricule is never a social security number.")
            : new Matricule(text);
    }

    /// <summary>Hides the number: a matricule in a message or a log line is a leak.</summary>
    public override string ToString() => "•••";
}

/// <summary>
/// Who records: the caller that the transport knows, which is not whoever acted in the world.
/// </summary>
[JsonConverter(typeof(TextConverter<CallerId>))]
public readonly record struct CallerId : IText<CallerId>
{
    private CallerId(string value) => Value = value;

    /// <summary>Whoever calls on this machine.</summary>
    public static CallerId Local { get; } = new("local");

    /// <summary>The ledger itself.</summary>
    public static CallerId Ledger { get; } = new("ledger");

    /// <inheritdoc/>
    public string Value { get; }

    /// <inheritdoc/>
    public static CallerId Parse(string text) => new(TextRules.Identifier(text, "A caller's identifier"));

    /// <inheritdoc/>
    public override string ToString() => Value;
}
