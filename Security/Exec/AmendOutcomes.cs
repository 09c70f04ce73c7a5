using ClawOS.Security.Sandbox;
using ClawOS.Security.Sandbox.Layout;

namespace ClawOS.Security.Exec;

/// <summary>What the child of an amendment did, in memory that parent and child share; laid out as it is told.</summary>
internal unsafe struct AmendOutcomes
{
    private fixed int record[PlanLayout.ResultSize / sizeof(int)];

    // Behind this: one outcome an item.

    /// <summary>Maps the memory; every item is one that was not reached.</summary>
    /// <returns>Null when there is no memory, with errno set.</returns>
    internal static AmendOutcomes* Make(uint count)
    {
        const nint ReadAndWrite = 3, SharedAnonymous = 0x21, NoFile = -1;
        nint memory = Kernel.Call(CallNumber.Mmap, 0, Size(count), ReadAndWrite, SharedAnonymous, NoFile);
        if (memory == -1)
        {
            return null;
        }

        AmendOutcomes* outcomes = (AmendOutcomes*)memory;
        outcomes->record[0] = unchecked((int)PlanLayout.ResultMagic);
        outcomes->record[1] = (int)EndReason.Killed; // Until the child says that it is through.
        for (uint i = 0; i < count; i++)
        {
            outcomes->Set(i, AmendLayout.NotReached, 0, 0);
        }

        return outcomes;
    }

    /// <summary>Leaves how an item ended.</summary>
    internal void Set(uint index, int error, uint how, ulong mountId)
    {
        fixed (AmendOutcomes* first = &this)
        {
            byte* outcome = (byte*)first + PlanLayout.ResultSize + (index * AmendLayout.OutcomeSize);
            *(ulong*)(outcome + 8) = mountId;
            *(uint*)(outcome + 4) = how;
            *(int*)outcome = error;
        }
    }

    /// <summary>All items were tried.</summary>
    internal void Complete() => record[1] = (int)EndReason.Exited;

    /// <summary>The amendment as a whole failed.</summary>
    internal void Fail(LaunchStep step, int error)
    {
        record[1] = (int)EndReason.Refused;
        record[3] = (int)step;
        record[4] = error;
    }

    /// <summary>Writes all to the result's descriptor.</summary>
    /// <returns>The exit code of claw-exec.</returns>
    internal int Tell(uint count)
    {
        const int Refused = 125;
        fixed (AmendOutcomes* first = &this)
        {
            Kernel.Call(CallNumber.Write, PlanLayout.ResultDescriptor, (nint)first, Size(count));
        }

        return record[1] == (int)EndReason.Exited ? 0 : Refused;
    }

    private static nint Size(uint count) => PlanLayout.ResultSize + (nint)(count * AmendLayout.OutcomeSize);
}
