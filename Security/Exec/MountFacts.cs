namespace ClawOS.Security.Exec;

/// <summary>What the kernel says of the place that a descriptor stands for (statx(2)); the file system behind it is not asked.</summary>
internal readonly unsafe struct MountFacts
{
    private const int FolderType = 0x4000, CharacterType = 0x2000, TypeMask = 0xF000;

    private readonly ushort mode;
    private readonly uint major, minor;
    private readonly ulong device, inode;

    private MountFacts(byte* facts)
    {
        const int AttributesAt = 8, ModeAt = 28, MajorAt = 128, MinorAt = 132, InodeAt = 32, DeviceAt = 136, MountIdAt = 144;
        const ulong IsMountRoot = 0x2000;
        IsRoot = (*(ulong*)(facts + AttributesAt) & IsMountRoot) != 0;
        mode = *(ushort*)(facts + ModeAt);
        (major, minor) = (*(uint*)(facts + MajorAt), *(uint*)(facts + MinorAt));
        (device, inode) = (*(ulong*)(facts + DeviceAt), *(ulong*)(facts + InodeAt));
        MountId = *(ulong*)(facts + MountIdAt);
    }

    /// <summary>Whether it is the root of its mount.</summary>
    internal bool IsRoot { get; }

    /// <summary>The number of its mount: never given again from Linux 6.8 on, before not while the mount lives.</summary>
    internal ulong MountId { get; }

    internal bool IsFolder => (mode & TypeMask) == FolderType;

    internal bool IsNullDevice => (mode & TypeMask) == CharacterType && (major, minor) == (1, 3);

    /// <summary>Whether both stand for one file.</summary>
    internal bool IsSameFileAs(MountFacts other) => (device, inode) == (other.device, other.inode);

    /// <summary>Asks.</summary>
    /// <returns>False with errno set; ENOSYS also where the kernel tells no mount ids (before Linux 5.8).</returns>
    internal static bool TryRead(nint place, out MountFacts facts)
    {
        const nint EmptyPath = 0x1000, DoNotSync = 0x4000;
        const uint TypeModeAndInode = 0x103, Id = 0x1000, UniqueId = 0x4000;
        const int Size = 256;
        byte* bytes = stackalloc byte[Size];
        new Span<byte>(bytes, Size).Clear();
        fixed (byte* empty = "\0"u8)
        {
            if (Kernel.Call(CallNumber.Statx, place, (nint)empty, EmptyPath | DoNotSync, (nint)(TypeModeAndInode | Id | UniqueId), (nint)bytes) != 0)
            {
                facts = default;
                return false;
            }
        }

        facts = new MountFacts(bytes);
        Kernel.Error = facts.MountId == 0 ? Kernel.ENOSYS : Kernel.Error;
        return facts.MountId != 0;
    }
}
