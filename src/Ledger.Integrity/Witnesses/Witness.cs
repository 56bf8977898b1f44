using Ledger.Integrity.Checkpoints;
using Ledger.Integrity.Merkle;

namespace Ledger.Integrity.Witnesses;

/// <summary>What a witness answers a log, as HTTP says it (C2SP tlog-witness).</summary>
public enum WitnessVerdict
{
    /// <summary>The checkpoint continues what the witness saw: it is cosigned.</summary>
    Cosigned = 200,

    /// <summary>The request is malformed, or its old size is greater than the checkpoint's.</summary>
    BadRequest = 400,

    /// <summary>No signature of a key of the log is on it, or one is wrong.</summary>
    Forbidden = 403,

    /// <summary>The witness does not know that log.</summary>
    NotFound = 404,

    /// <summary>The old size is not the one that the witness saw last.</summary>
    Conflict = 409,

    /// <summary>The proof does not hold: the checkpoint does not continue what the witness saw.</summary>
    Unprocessable = 422,
}

/// <summary>The rule of a witness, without its memory: cosign only what continues what was cosigned before.</summary>
public static class Witness
{
    /// <summary>Judges a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="logs">The keys of the logs that the witness knows.</param>
    /// <param name="seen">The last checkpoint of an origin that the witness cosigned; null for none.</param>
    /// <returns>The verdict; the key of the log and the checkpoint, where they are known; and why not.</returns>
    public static (WitnessVerdict Verdict, Checkpoint? Checkpoint, string? Why) Judge(
        AddCheckpoint request,
        IReadOnlyCollection<NoteVerifier> logs,
        Func<string, Checkpoint?> seen
    )
    {
        Checkpoint claimed;
        try
        {
            claimed = Checkpoint.Parse(SignedNote.Parse(request.Note).Body);
        }
        catch (FormatException e)
        {
            return (WitnessVerdict.BadRequest, null, e.Message);
        }

        var keys = logs.Where(l => l.Name == claimed.Origin).ToList();
        if (keys.Count == 0)
        {
            return (WitnessVerdict.NotFound, null, $"The log '{claimed.Origin}' is not known here.");
        }

        try
        {
            // A key that takes over is named beside the one before, and either will do.
            SignedNote.Parse(request.Note).Verify(keys);
        }
        catch (FormatException e)
        {
            return (WitnessVerdict.Forbidden, null, e.Message);
        }

        if (request.OldSize > claimed.Size)
        {
            return (WitnessVerdict.BadRequest, claimed, "The old size is greater than the checkpoint's.");
        }

        var last = seen(claimed.Origin);
        if (request.OldSize != (last?.Size ?? 0))
        {
            return (WitnessVerdict.Conflict, claimed, $"The last checkpoint seen here has {last?.Size ?? 0} entries.");
        }

        if (claimed.Size == 0 && claimed.Root != new Frontier().Root())
        {
            return (WitnessVerdict.Unprocessable, claimed, "An empty log has the root of the empty tree.");
        }

        if (last is null || last.Size == 0)
        {
            return request.Proof.Count == 0
                ? (WitnessVerdict.Cosigned, claimed, null)
                : (WitnessVerdict.Unprocessable, claimed, "From nothing, the proof is empty.");
        }

        if (last.Size == claimed.Size)
        {
            return last.Root == claimed.Root && request.Proof.Count == 0
                ? (WitnessVerdict.Cosigned, claimed, null)
                : (WitnessVerdict.Unprocessable, claimed, "At that size, another root was cosigned.");
        }

        return MerkleProof.VerifyConsistency(last.Size, claimed.Size, last.Root, claimed.Root, request.Proof)
            ? (WitnessVerdict.Cosigned, claimed, null)
            : (
                WitnessVerdict.Unprocessable,
                claimed,
                $"The proof does not show that the checkpoint continues the one of {last.Size} entries."
            );
    }
}
