using Caf.Ledger.V1;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Ledger.Domain.Common;

namespace Ledger.Service.Mapping;

/// <summary>
/// Writes a request in one way: UUIDs in lower case, texts composed, instants in whole microseconds, and no clear
/// number of an allocataire. The same values then give the same digest, whoever wrote them.
/// </summary>
internal static class Canonical
{
    private const int NanosPerMicrosecond = 1000;

    private static readonly HashSet<string> Uuids = ["request_id", "consultation"];

    /// <summary>Rewrites a copy of a request.</summary>
    /// <param name="message">The copy.</param>
    /// <param name="pseudonym">What stands for the number of an allocataire.</param>
    public static void Write(IMessage message, Func<CafCode, Matricule, string> pseudonym)
    {
        switch (message)
        {
            case Allocataire a:
                var (caf, matricule) = Read.Allocataire("allocataire", a);
                a.Matricule = pseudonym(caf, matricule);
                return;
            case Timestamp t:
                t.Nanos -= t.Nanos % NanosPerMicrosecond;
                return;
            case RequestContext context:
                // Whether to wait for a checkpoint is no part of what is recorded.
                context.Covered = false;
                break;
        }

        foreach (var field in message.Descriptor.Fields.InDeclarationOrder().Where(f => !f.IsMap))
        {
            Write(message, field, pseudonym);
        }
    }

    private static void Write(IMessage message, FieldDescriptor field, Func<CafCode, Matricule, string> pseudonym)
    {
        switch (field.FieldType)
        {
            case FieldType.String when field.Accessor.GetValue(message) is IList<string> texts:
                foreach (var (i, text) in texts.ToArray().Index())
                {
                    texts[i] = TextRules.Composed(text);
                }

                break;
            case FieldType.String when field.Accessor.GetValue(message) is string { Length: > 0 } text:
                field.Accessor.SetValue(
                    message,
                    Uuids.Contains(field.Name) && Guid.TryParseExact(text, "D", out var id)
                        ? id.ToString()
                        : TextRules.Composed(text)
                );
                break;
            case FieldType.Message when field.Accessor.GetValue(message) is IMessage one:
                Write(one, pseudonym);
                break;
            case FieldType.Message when field.Accessor.GetValue(message) is System.Collections.IEnumerable many:
                foreach (IMessage each in many)
                {
                    Write(each, pseudonym);
                }

                break;
        }
    }
}
