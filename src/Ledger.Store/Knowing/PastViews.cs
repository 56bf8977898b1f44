using Ledger.Domain.Knowing;

namespace Ledger.Store.Knowing;

/// <summary>The views of the past that were asked for last.</summary>
internal sealed class PastViews
{
    // Each remembers the rights that were looked at in it, which may be all.
    private const int Most = 4;

    private readonly Lock _gate = new();
    private readonly LinkedList<(long At, Knowledge Known)> _views = new();

    /// <summary>What was known at a position.</summary>
    public Knowledge Of(Knowledge known, long position)
    {
        if (position >= known.Position)
        {
            return known;
        }

        // Many positions give the same knowledge: that of the last fact before them stands for all.
        var last = known.LastAt(position);
        lock (_gate)
        {
            for (var node = _views.First; node is not null; node = node.Next)
            {
                if (node.Value.At == last)
                {
                    _views.Remove(node);
                    _views.AddFirst(node);
                    return node.Value.Known;
                }
            }

            var view = known.AsKnownAt(last);
            _views.AddFirst((last, view));
            if (_views.Count > Most)
            {
                _views.RemoveLast();
            }

            return view;
        }
    }

    /// <summary>Forgets them.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _views.Clear();
        }
    }
}
