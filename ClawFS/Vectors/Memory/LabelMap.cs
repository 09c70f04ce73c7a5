using ClawFS.Linux;

namespace ClawFS.Vectors.Memory;

/// <summary>The slot of each label: 4 bytes for every label up to the highest, in pages of 4 KiB that cost nothing until one of their labels is used. Readers need no lock.</summary>
internal sealed unsafe class LabelMap : IDisposable
{
    private readonly ReservedMemory memory = new((1L << 32) * sizeof(uint), hugePages: false);
    private long known;

    /// <summary>Labels below this may have a slot.</summary>
    public long Known => Volatile.Read(ref known);

    /// <summary>The slot of a label, 0 when it has none.</summary>
    public uint Slot(uint label) => label < Known ? Volatile.Read(ref ((uint*)memory.Address)[label]) : 0;

    /// <summary>Gives a label its slot, 0 for none. One thread at a time.</summary>
    public void Set(uint label, uint slot)
    {
        if (label >= known)
        {
            memory.Commit((label + 1L) * sizeof(uint));
            Volatile.Write(ref known, label + 1L);
        }

        Volatile.Write(ref ((uint*)memory.Address)[label], slot);
    }

    public void Dispose() => memory.Dispose();
}
