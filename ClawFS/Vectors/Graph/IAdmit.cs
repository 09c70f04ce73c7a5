using System.Runtime.CompilerServices;
using ClawFS.Vectors.Memory;

namespace ClawFS.Vectors.Graph;

/// <summary>Which slots are results of a walk. Structs, compiled into the walk.</summary>
internal interface IAdmit
{
    /// <summary><see cref="CandidatePool.Hidden"/> for a slot that is only walked through, else 0.</summary>
    ulong Marks(uint slot);
}

/// <summary>Every slot.</summary>
internal readonly struct AdmitAll : IAdmit
{
    public ulong Marks(uint slot) => 0;
}

/// <summary>Slots that searches may find.</summary>
internal readonly unsafe struct AdmitLive(byte* states) : IAdmit
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Marks(uint slot) => Volatile.Read(ref states[slot]) == SlotState.Live ? 0 : CandidatePool.Hidden;
}

/// <summary>Slots that a new one may link to: not removed, not about to be moved.</summary>
internal readonly unsafe struct AdmitLinkable(byte* states, uint last) : IAdmit
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Marks(uint slot) => slot <= last && Volatile.Read(ref states[slot]) is SlotState.Live or SlotState.Pending ? 0 : CandidatePool.Hidden;
}

/// <summary>Slots that searches may find, of the labels in a set.</summary>
internal readonly unsafe struct AdmitLabels(SlotTable slots, LabelBitmap filter) : IAdmit
{
    private readonly byte* states = slots.States;
    private readonly uint* labels = slots.Labels;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Marks(uint slot) => Volatile.Read(ref states[slot]) == SlotState.Live && filter.Contains(labels[slot]) ? 0 : CandidatePool.Hidden;
}
