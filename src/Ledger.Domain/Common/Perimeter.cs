using System.Text.Json.Serialization;

namespace Ledger.Domain.Common;

/// <summary>Which files a right covers.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(WholeCaf), "whole-caf")]
public abstract record Perimeter
{
    /// <summary>Every file of the convention's Caf.</summary>
    public sealed record WholeCaf : Perimeter
    {
        /// <inheritdoc/>
        public override bool Covers(CafCode conventionCaf, CafCode fileCaf) => conventionCaf == fileCaf;
    }

    /// <summary>Whether a file of <paramref name="fileCaf"/> is covered, for a convention of <paramref name="conventionCaf"/>.</summary>
    public abstract bool Covers(CafCode conventionCaf, CafCode fileCaf);
}
