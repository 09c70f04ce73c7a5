using System.Buffers;

namespace ClawFS.Search.Lexical;

/// <summary>
/// The terms of one chunk: ascending numbers, how often each occurs, and how many there are in all. Kept as bytes, which is also the form to store: varint count,
/// varint total, then for each term varint(2 x distance to the term before, minus one, + 1 if it occurs more than once) and in that case varint(occurrences).
/// Varints are little-endian groups of seven bits. About 1.7 bytes a term.
/// </summary>
internal readonly struct ChunkTerms
{
    /// <summary>More occurrences count as so many.</summary>
    internal const int MaxFrequency = 255;

    /// <summary>More terms than this in all count as so many; a chunk of <see cref="Text.ChunkRules.MaxBytes"/> stays below.</summary>
    internal const int MaxTotal = ushort.MaxValue;

    private readonly ReadOnlyMemory<byte> _bytes;

    private ChunkTerms(ReadOnlyMemory<byte> bytes, int count, int total, int last)
    {
        _bytes = bytes;
        Last = last;
        Count = count;
        Total = total;
    }

    /// <summary>Different terms.</summary>
    internal int Count { get; }

    /// <summary>The length of the chunk in terms: the sum of the occurrences.</summary>
    internal int Total { get; }

    /// <summary>The highest number; -1 without terms.</summary>
    internal int Last { get; }

    /// <summary>The form to store.</summary>
    internal ReadOnlyMemory<byte> Bytes => _bytes;

    /// <summary>Reads them in order.</summary>
    public Enumerator GetEnumerator() => new(_bytes.Span, Count);

    /// <summary>Checks stored bytes.</summary>
    /// <param name="bytes">What <see cref="Bytes"/> gave; kept, not copied.</param>
    /// <param name="termCount">Numbers must be below.</param>
    /// <exception cref="InvalidDataException">The bytes are cut, or say what no chunk can.</exception>
    internal static ChunkTerms Parse(ReadOnlyMemory<byte> bytes, int termCount)
    {
        ReadOnlySpan<byte> span = bytes.Span;
        int at = 0;
        uint count = Varint.Read(span, ref at);
        uint total = Varint.Read(span, ref at);
        long term = -1, sum = 0;
        for (uint i = 0; i < count; i++)
        {
            uint head = Varint.Read(span, ref at);
            term += (head >> 1) + 1L;
            uint frequency = (head & 1) == 0 ? 1 : Varint.Read(span, ref at);
            if (term >= termCount || frequency is 0 or > MaxFrequency)
                throw new InvalidDataException("stored terms: a number out of range");
            sum += frequency;
        }

        if (at != span.Length || total > MaxTotal || total < Math.Min(sum, MaxTotal))
            throw new InvalidDataException("stored terms: wrong length");
        return new ChunkTerms(bytes, (int)count, (int)total, (int)term);
    }

    /// <summary>Makes them from the numbers of the terms of a text.</summary>
    /// <param name="terms">In any order, repeated as they occur; sorted in place.</param>
    internal static ChunkTerms From(Span<int> terms)
    {
        terms.Sort();
        int count = 0;
        for (int i = 0; i < terms.Length; i++)
            count += i == 0 || terms[i] != terms[i - 1] ? 1 : 0;
        int total = Math.Min(terms.Length, MaxTotal);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(10 + (count * 7));
        int at = 0;
        Varint.Write(buffer, ref at, (uint)count);
        Varint.Write(buffer, ref at, (uint)total);
        int before = -1;
        for (int i = 0; i < terms.Length;)
        {
            int run = i + 1;
            while (run < terms.Length && terms[run] == terms[i])
                run++;
            int frequency = Math.Min(run - i, MaxFrequency);
            Varint.Write(buffer, ref at, ((uint)(terms[i] - before - 1) << 1) | (frequency > 1 ? 1u : 0));
            if (frequency > 1)
                Varint.Write(buffer, ref at, (uint)frequency);
            before = terms[i];
            i = run;
        }

        ChunkTerms result = new(buffer.AsSpan(0, at).ToArray(), count, total, before);
        ArrayPool<byte>.Shared.Return(buffer);
        return result;
    }

    /// <summary>The same terms under other numbers.</summary>
    /// <param name="numbers">The new number of each old one; rising.</param>
    internal ChunkTerms Renumbered(ReadOnlySpan<int> numbers)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(10 + (Count * 7));
        int at = 0, before = -1;
        Varint.Write(buffer, ref at, (uint)Count);
        Varint.Write(buffer, ref at, (uint)Total);
        foreach ((int term, int frequency) in this)
        {
            Varint.Write(buffer, ref at, ((uint)(numbers[term] - before - 1) << 1) | (frequency > 1 ? 1u : 0));
            if (frequency > 1)
                Varint.Write(buffer, ref at, (uint)frequency);
            before = numbers[term];
        }

        ChunkTerms result = new(buffer.AsSpan(0, at).ToArray(), Count, Total, before);
        ArrayPool<byte>.Shared.Return(buffer);
        return result;
    }

    /// <summary>Walks over the terms; the bytes have been checked.</summary>
    internal ref struct Enumerator
    {
        private readonly ReadOnlySpan<byte> _bytes;
        private int _left;
        private int _at;
        private int _term;
        private int _frequency;

        internal Enumerator(ReadOnlySpan<byte> bytes, int count)
        {
            _bytes = bytes;
            _left = count;
            _term = -1;
            if (count > 0)
            {
                _ = Varint.Read(bytes, ref _at);
                _ = Varint.Read(bytes, ref _at);
            }
        }

        /// <summary>The term's number and its occurrences.</summary>
        public readonly (int Term, int Frequency) Current => (_term, _frequency);

        public bool MoveNext()
        {
            if (_left == 0)
                return false;
            _left--;
            uint head = Varint.Read(_bytes, ref _at);
            _term += (int)(head >> 1) + 1;
            _frequency = (head & 1) == 0 ? 1 : (int)Varint.Read(_bytes, ref _at);
            return true;
        }
    }
}
