using ClawOS.Security.Sandbox.Layout;
using static ClawOS.Security.Sandbox.Layout.AmendLayout;

namespace ClawOS.Security.Exec;

/// <summary>The bytes of an amendment, used in place.</summary>
/// <param name="bytes">The first byte of the header.</param>
internal readonly unsafe struct AmendPlan(byte* bytes)
{
    internal uint Count => Number(ItemsAt + 4);

    internal uint Number(int at) => *(uint*)(bytes + at);

    internal byte* Item(uint index) => bytes + Number(ItemsAt) + (index * ItemSize);

    internal byte* Path(byte* item) => bytes + *(uint*)(item + PathAt);

    /// <summary>True for an amendment of this version that is whole: after this no offset, count or text leads out of it.</summary>
    internal bool IsSound(int length)
    {
        if (length is < HeaderSize or > PlanLayout.MaxSize
            || Number(PlanLayout.MagicAt) != Magic || Number(PlanLayout.VersionAt) != AmendLayout.Version || Number(PlanLayout.SizeAt) != (uint)length
            || Number(PlanLayout.FlagsAt) != 0
            || bytes[length - 1] != 0
            || Number(ItemsAt) % 8 != 0 || Number(ItemsAt) < HeaderSize || Count > MaxItems || Number(ItemsAt) + ((ulong)Count * ItemSize) > (ulong)length)
        {
            return false;
        }

        for (uint i = 0; i < Count; i++)
        {
            byte* item = Item(i);
            uint path = *(uint*)(item + PathAt);
            bool isPath = path >= HeaderSize && path < (uint)length && bytes[path] == (byte)'/' && path + 1 < (uint)length && bytes[path + 1] != 0;
            if (!isPath || *(AmendKind*)(item + KindAt) is < AmendKind.Cover or > AmendKind.Part || ((*(uint*)(item + SetAt) | *(uint*)(item + ClearAt)) & ~Changeable) != 0)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>MOUNT_ATTR_RDONLY and MOUNT_ATTR_NOEXEC: nothing else of a mount is ever changed.</summary>
    private const uint Changeable = 1 | 8;
}
