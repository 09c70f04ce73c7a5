namespace ClawFS.Vectors.Graph;

/// <summary>Spin locks for rows of links, shared by the slots of equal low bits. Held for microseconds, by writers alone, one at a time each.</summary>
internal sealed class RowLocks
{
    private const int Count = 4096;
    private readonly int[] taken = new int[Count];

    public void Enter(uint slot)
    {
        ref int place = ref taken[slot & (Count - 1)];
        SpinWait wait = default;
        while (Interlocked.CompareExchange(ref place, 1, 0) != 0)
            wait.SpinOnce();
    }

    public void Exit(uint slot) => Volatile.Write(ref taken[slot & (Count - 1)], 0);
}
