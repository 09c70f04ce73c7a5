using System.Numerics;

namespace ClawFS.Vectors;

/// <summary>A set of labels that a search may return. Build it, then search with it from any number of threads; not for changes meanwhile.</summary>
public sealed class LabelBitmap
{
    private ulong[] words;

    /// <summary>Makes an empty set.</summary>
    /// <param name="labels">Labels below this need no growth; 8 of them take a byte.</param>
    public LabelBitmap(uint labels = 0) => words = new ulong[(labels + 63L) / 64];

    /// <summary>Takes a set that is laid out as <see cref="Words"/> shows it.</summary>
    /// <param name="words">Not copied.</param>
    public LabelBitmap(ulong[] words)
    {
        this.words = words;
        foreach (ulong word in words)
            Count += BitOperations.PopCount(word);
    }

    /// <summary>Labels in the set.</summary>
    public long Count { get; private set; }

    /// <summary>The set, 64 labels a word, the lowest label in the lowest bit of the first.</summary>
    public ReadOnlySpan<ulong> Words => words;

    /// <summary>Puts a label in.</summary>
    /// <returns>Whether it was not in yet.</returns>
    public bool Add(uint label)
    {
        int word = (int)(label >> 6);
        if (word >= words.Length)
            Array.Resize(ref words, Math.Max(word + 1, words.Length * 2));
        ulong bit = 1UL << (int)(label & 63);
        if ((words[word] & bit) != 0)
            return false;
        words[word] |= bit;
        Count++;
        return true;
    }

    /// <summary>Takes a label out.</summary>
    /// <returns>Whether it was in.</returns>
    public bool Remove(uint label)
    {
        if (!Contains(label))
            return false;
        words[label >> 6] &= ~(1UL << (int)(label & 63));
        Count--;
        return true;
    }

    /// <summary>Whether a label is in.</summary>
    public bool Contains(uint label)
    {
        uint word = label >> 6;
        return word < (uint)words.Length && ((words[word] >> (int)(label & 63)) & 1) != 0;
    }

    /// <summary>Keeps only what the other set has too.</summary>
    public void IntersectWith(LabelBitmap other)
    {
        Count = 0;
        for (int i = 0; i < words.Length; i++)
        {
            words[i] &= i < other.words.Length ? other.words[i] : 0;
            Count += BitOperations.PopCount(words[i]);
        }
    }
}
