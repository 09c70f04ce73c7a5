using System.Runtime.InteropServices;
using ClawOS.Security.Sandbox.Layout;

namespace ClawOS.Security.Exec;

/// <summary>The bytes of a plan in native memory, used in place: they outlive clone and no collection moves them.</summary>
/// <param name="bytes">The first byte of the header.</param>
internal readonly unsafe struct Plan(byte* bytes)
{
    internal uint Flags => Number(PlanLayout.FlagsAt);

    internal uint Number(int at) => *(uint*)(bytes + at);

    internal ulong Wide(int at) => *(ulong*)(bytes + at);

    /// <summary>The text to which the number at an offset of the header refers.</summary>
    internal byte* Text(int at) => bytes + Number(at);

    /// <summary>What lies at an offset from the first byte.</summary>
    internal byte* At(uint offset) => bytes + offset;

    internal uint Count(int table) => Number(table + 4);

    internal byte* Entry(int table, int size, uint index) => bytes + Number(table) + (index * (uint)size);

    /// <summary>The text to which an entry refers.</summary>
    internal byte* Text(byte* entry, int at) => bytes + *(uint*)(entry + at);

    /// <summary>The texts of a table as execve wants them: pointers, then a null one. Allocates native memory, so it is called before clone.</summary>
    internal byte** Texts(int table)
    {
        uint count = Count(table);
        byte** texts = (byte**)NativeMemory.Alloc(count + 1, (nuint)sizeof(byte*));
        for (uint i = 0; i < count; i++)
        {
            texts[i] = Text(Entry(table, PlanLayout.ReferenceSize, i), 0);
        }

        texts[count] = null;
        return texts;
    }

    /// <summary>Reads a plan from its descriptor, as long as its header says or until the end: the writer may keep its end as a leash.</summary>
    /// <param name="length">Receives how many bytes came.</param>
    /// <returns>Native memory that is kept until the process ends; null when reading failed, with errno set.</returns>
    internal static byte* Read(out int length)
    {
        const int BeforeSize = PlanLayout.SizeAt + sizeof(uint);
        int room = 64 << 10;
        byte* memory = (byte*)NativeMemory.Alloc((nuint)room);
        length = 0;
        while (length <= PlanLayout.MaxSize && (length < BeforeSize || (uint)length < *(uint*)(memory + PlanLayout.SizeAt)))
        {
            if (length == room)
            {
                room *= 2;
                memory = (byte*)NativeMemory.Realloc(memory, (nuint)room);
            }

            nint count = Kernel.Call(CallNumber.Read, PlanLayout.PlanDescriptor, (nint)(memory + length), room - length);
            if (count == 0)
            {
                break;
            }

            if (count > 0)
            {
                length += (int)count;
            }
            else if (Kernel.Error != Kernel.EINTR)
            {
                return null;
            }
        }

        return memory;
    }
}
