namespace ClawOS.Mount.Tests.Crash;

/// <summary>
/// What each block of a file may hold when the mount is lost: every content since the last fsync, and what the kernel makes of them when it sends changes in another
/// order than the program made them.
/// </summary>
internal sealed class BlockStates(int length)
{
    public const int Block = 4096;
    private const int OlderStates = 64;

    private readonly List<byte[]>[] _states = [.. Enumerable.Range(0, length / Block).Select(_ => new List<byte[]> { new byte[Block] })];
    private readonly List<byte[]>[] _older = [.. Enumerable.Range(0, length / Block).Select(_ => new List<byte[]>())];

    /// <summary>The blocks that touch [at, at + length) may hold what <paramref name="content"/> has there.</summary>
    public void Note(byte[] content, int at, int length)
    {
        for (int b = at / Block; b * Block < at + length; b++)
            _states[b].Add(content[(b * Block)..((b + 1) * Block)]);
    }

    /// <summary>
    /// The file is about to become shorter. A truncate overtakes what is dirty before the cut: SETATTR first, then a WRITE for each dirty page (fs/fuse/dir.c, fuse_do_setattr:
    /// invalidate_inode_pages2 after the answer). Lost between the two, the block that is cut holds an older content, cut. Precedes <see cref="Note"/> of the new content.
    /// </summary>
    public void Cut(int size)
    {
        if (size % Block == 0)
            return;
        List<byte[]> states = _states[size / Block];
        foreach (byte[] state in states.ToArray())
        {
            byte[] cut = [.. state.AsSpan(0, size % Block), .. new byte[Block - size % Block]];
            if (!Has(states, cut))
                states.Add(cut);
        }
    }

    /// <summary>An fsync has succeeded: only the latest content is right.</summary>
    public void Synced()
    {
        for (int b = 0; b < _states.Length; b++)
        {
            byte[] latest = _states[b][^1];
            _states[b].RemoveAt(_states[b].Count - 1);
            Replace(b, latest);
        }
    }

    /// <summary>What is wrong with a content that was found on another mount, null when each block is one it may be. What is there is right from now on.</summary>
    public string? Settle(byte[] found)
    {
        List<string> wrong = [];
        for (int b = 0; b < _states.Length; b++)
        {
            byte[] block = found[(b * Block)..((b + 1) * Block)];
            if (!Has(_states[b], block))
                wrong.Add($"block {b} holds none of its {_states[b].Count} states since the last fsync: {Compared(block, b)}");
            Replace(b, block);
        }
        return wrong.Count == 0 ? null : string.Join("\n", wrong);
    }

    private void Replace(int block, byte[] only)
    {
        _older[block].AddRange(_states[block]);
        _older[block].RemoveRange(0, Math.Max(0, _older[block].Count - OlderStates));
        _states[block].Clear();
        _states[block].Add(only);
    }

    private static bool Has(List<byte[]> states, byte[] block) => states.Exists(state => state.AsSpan().SequenceEqual(block));

    /// <summary>What a wrong block has in common with each state it could have, and with those it had before the last fsync.</summary>
    private string Compared(byte[] found, int block)
    {
        IEnumerable<string> now = _states[block].Select((state, i) => $"state {i} in {Runs(found, state)}");
        int before = _older[block].FindLastIndex(state => state.AsSpan().SequenceEqual(found));
        return string.Join("; ", now) + (before < 0 ? "; no older state" : $"; it is older state {before} of {_older[block].Count}");
    }

    /// <summary>The runs of bytes that are the same.</summary>
    private static string Runs(byte[] found, byte[] state)
    {
        List<string> runs = [];
        for (int i = 0; i < Block;)
        {
            int from = i;
            while (i < Block && found[i] == state[i])
                i++;
            if (i - from > 3)
                runs.Add($"{from}..{i}");
            i += i == from || i < Block ? 1 : 0;
        }
        return string.Join(" ", runs.Take(8));
    }
}
