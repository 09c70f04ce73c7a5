using ClawOS.Security.Sandbox.Layout;
using static ClawOS.Security.Sandbox.Layout.PlanLayout;

namespace ClawOS.Security.Exec;

/// <summary>Whether the bytes of a plan can be used in place: after this no offset, count or text leads out of them.</summary>
/// <param name="bytes">The first byte.</param>
/// <param name="length">How many there are.</param>
internal readonly unsafe ref struct PlanCheck(byte* bytes, int length)
{
    private const uint MaxEntries = 1 << 16;
    private const uint MaxInstructions = 4096;

    /// <summary>Whether it is one of our own services that is started, not a sandbox.</summary>
    internal bool IsService => length >= HeaderSize && Number(MagicAt) == ServiceLayout.Magic;

    /// <summary>True for a plan of this version that is whole.</summary>
    internal bool IsSound() => IsService
        ? IsWhole(ServiceLayout.Magic, ServiceLayout.KnownFlags) && Number(MountsAt + 4) == 0 && Number(CgroupsAt + 4) == 0 && Number(ServiceLayout.DescriptorsAt) <= ServiceLayout.MaxDescriptors
        : IsWhole(Magic, KnownFlags);

    private bool IsWhole(uint magic, uint flags) =>
        length is >= HeaderSize and <= MaxSize
        && Number(MagicAt) == magic && Number(VersionAt) == PlanLayout.Version && Number(SizeAt) == (uint)length
        && (Number(FlagsAt) & ~flags) == 0
        // The last byte ends every text.
        && bytes[length - 1] == 0
        && IsPath(Number(StageAt)) && IsText(Number(HostNameAt)) && IsPath(Number(FolderAt))
        && (Number(TransitionAt) == 0 || IsText(Number(TransitionAt)))
        && Table(MountsAt, MountSize) && Table(ProgramsAt, ReferenceSize) && Table(ArgumentsAt, ReferenceSize) && Table(EnvironmentAt, ReferenceSize)
        && Table(PathRulesAt, PathRuleSize) && Table(FiltersAt, FilterSize) && Table(LimitsAt, LimitSize) && Table(CgroupsAt, ReferenceSize)
        && ((Number(FlagsAt) & Supervised) == 0 || Number(FiltersAt + 4) > 0)
        && Number(ProgramsAt + 4) > 0 && Number(ArgumentsAt + 4) > 0
        && Texts(ProgramsAt) && Texts(ArgumentsAt) && Texts(EnvironmentAt)
        && Mounts() && PathRules() && Filters() && Cgroups();

    private uint Number(int at) => *(uint*)(bytes + at);

    private bool IsText(uint offset) => offset >= HeaderSize && offset < (uint)length;

    private bool IsPath(uint offset) => IsText(offset) && bytes[offset] == (byte)'/';

    private bool Table(int at, int size)
    {
        uint offset = Number(at), count = Number(at + 4);
        return offset % 8 == 0 && offset >= HeaderSize && count <= MaxEntries && offset + ((ulong)count * (uint)size) <= (ulong)length;
    }

    private bool Texts(int table)
    {
        for (uint i = 0; i < Number(table + 4); i++)
        {
            if (!IsText(*(uint*)Entry(table, ReferenceSize, i)))
            {
                return false;
            }
        }

        return true;
    }

    private bool Mounts()
    {
        for (uint i = 0; i < Number(MountsAt + 4); i++)
        {
            byte* entry = Entry(MountsAt, MountSize, i);
            uint target = *(uint*)(entry + MountTargetAt), source = *(uint*)(entry + MountSourceAt), option = *(uint*)(entry + MountOptionAt);
            bool good = *(MountKind*)(entry + MountKindAt) switch
            {
                MountKind.Folder or MountKind.File or MountKind.Proc => true,
                MountKind.Link => IsText(source),
                MountKind.Bind => IsPath(source),
                MountKind.Tmpfs or MountKind.Cover => IsText(option),
                _ => false,
            };
            // A target is a place below the root, never the root itself.
            if (!good || !IsPath(target) || bytes[target + 1] == 0)
            {
                return false;
            }
        }

        return true;
    }

    private bool PathRules()
    {
        for (uint i = 0; i < Number(PathRulesAt + 4); i++)
        {
            if (!IsPath(*(uint*)(Entry(PathRulesAt, PathRuleSize, i) + 8)))
            {
                return false;
            }
        }

        return true;
    }

    private bool Filters()
    {
        for (uint i = 0; i < Number(FiltersAt + 4); i++)
        {
            uint* entry = (uint*)Entry(FiltersAt, FilterSize, i);
            if (entry[0] % 8 != 0 || entry[0] < HeaderSize || entry[1] is 0 or > MaxInstructions || entry[0] + (entry[1] * 8ul) > (ulong)length)
            {
                return false;
            }
        }

        return true;
    }

    private bool Cgroups()
    {
        uint count = Number(CgroupsAt + 4);
        for (uint i = 0; i < count; i++)
        {
            uint entry = *(uint*)Entry(CgroupsAt, ReferenceSize, i);
            bool isFolder = (entry & CgroupFolder) != 0;
            if ((entry & ~CgroupFolder) is < FirstCgroupDescriptor or > 1023 || (isFolder && (i == 0 || i != count - 1)))
            {
                return false;
            }
        }

        return true;
    }

    private byte* Entry(int table, int size, uint index) => bytes + Number(table) + (index * (uint)size);
}
