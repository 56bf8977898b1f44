namespace Ledger.Domain.Common;

/// <summary>A well-formed command that a rule of the convention forbids.</summary>
public sealed class RefusedException : Exception
{
    /// <summary>A refusal.</summary>
    /// <param name="rule">The rule's stable name, such as <c>gestionnaire-in-office</c>.</param>
    /// <param name="article">The article of the convention, such as <c>9.1</c>.</param>
    /// <param name="message">A plain sentence.</param>
    public RefusedException(string rule, string article, string message)
        : base(message) => (Rule, Article) = (rule, article);

    /// <summary>The rule's stable name.</summary>
    public string Rule { get; }

    /// <summary>The article of the convention.</summary>
    public string Article { get; }
}

/// <summary>Something the command speaks of does not exist.</summary>
/// <param name="what">The field that names it.</param>
/// <param name="message">A plain sentence.</param>
public sealed class UnknownException(string what, string message) : Exception(message)
{
    /// <summary>The field that names it.</summary>
    public string What { get; } = what;
}

/// <summary>A value that breaks the rule of its field.</summary>
/// <param name="field">The field's path in the request.</param>
/// <param name="message">The rule, in a plain sentence.</param>
public sealed class InvalidFieldException(string field, string message) : Exception(message)
{
    /// <summary>The field's path in the request.</summary>
    public string Field { get; } = field;

    /// <summary>Runs a check and names the field if it fails.</summary>
    /// <exception cref="InvalidFieldException">The check threw a <see cref="FormatException"/>.</exception>
    public static T Naming<T>(string field, Func<T> check)
    {
        try
        {
            return check();
        }
        catch (FormatException e)
        {
            throw new InvalidFieldException(field, e.Message);
        }
    }
}
