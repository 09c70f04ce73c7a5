using ClawFS.Vectors.Graph;
using ClawFS.Vectors.Kernels;

namespace ClawFS.Vectors;

public sealed unsafe partial class HnswIndex
{
    /// <summary>Looks at every slot; takes milliseconds for a large index.</summary>
    public IndexStatistics Statistics()
    {
        List<int> levels = [];
        long links = 0;
        int counted = 0;
        uint highest = 0;
        for (uint slot = 1; slot <= slots.Used; slot++)
        {
            if (Volatile.Read(ref slots.States[slot]) != SlotState.Live)
                continue;
            counted++;
            highest = slot;
            int level = slots.Levels[slot];
            while (levels.Count <= level)
                levels.Add(0);
            for (int l = 0; l <= level; l++)
                levels[l]++;
            uint* row = slots.Row(slot, 0);
            for (int i = 0; i < slots.M0 && row[i] != 0; i++)
                links++;
        }

        int free;
        lock (slotLock)
            free = slots.FreeSlots;
        return new IndexStatistics(
            counted, Volatile.Read(ref dead), free, slots.Used, highest, levels, counted == 0 ? 0 : (double)links / counted, MemoryBytes, slots.Codes?.Scale ?? 0, Kernel.Name);
    }
}
