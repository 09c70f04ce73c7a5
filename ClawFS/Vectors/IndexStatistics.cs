namespace ClawFS.Vectors;

/// <summary>How an index stands; taken while others may change it.</summary>
/// <param name="Live">Labels that a search can find.</param>
/// <param name="Tombstones">Removed vectors whose slots a repair has not taken back yet.</param>
/// <param name="FreeSlots">Slots that wait for reuse.</param>
/// <param name="Slots">Slots ever used.</param>
/// <param name="HighestSlot">The last slot in which a vector lies.</param>
/// <param name="Levels">Vectors that reach each level, from the lowest.</param>
/// <param name="MeanLinks">Links of a vector on the lowest level, on average.</param>
/// <param name="MemoryBytes">Bytes of native memory in use.</param>
/// <param name="CodeScale">Codes for one component's unit; 0 when only floats are kept.</param>
/// <param name="Kernels">The instruction set that distances are computed with.</param>
public sealed record IndexStatistics(
    int Live, int Tombstones, int FreeSlots, uint Slots, uint HighestSlot, IReadOnlyList<int> Levels, double MeanLinks, long MemoryBytes, float CodeScale, string Kernels);
