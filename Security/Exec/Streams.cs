namespace ClawOS.Security.Exec;

/// <summary>
/// The three descriptors that the command gets. A folder would be a way past the view: names are looked up from where it was opened, ".." too; and what is
/// open as a place alone (O_PATH) can be opened anew for anything.
/// </summary>
internal static unsafe class Streams
{
    private const int Count = 3;

    /// <summary>Looks for one that the command shall not have.</summary>
    /// <returns>Its number, with errno set; -1: there is none.</returns>
    internal static int FindPlace()
    {
        const nint GetFlags = 3, EmptyPath = 0x1000, DoNotSync = 0x4000, Type = 1, PathOnly = 0x200000;
        const int Size = 256, ModeAt = 28, FolderType = 0x4000, TypeMask = 0xF000;
        byte* facts = stackalloc byte[Size];
        fixed (byte* empty = "\0"u8)
        {
            for (int stream = 0; stream < Count; stream++)
            {
                nint flags = Kernel.Call(CallNumber.Fcntl, stream, GetFlags);
                if (flags < 0 || Kernel.Call(CallNumber.Statx, stream, (nint)empty, EmptyPath | DoNotSync, Type, (nint)facts) != 0)
                {
                    return stream;
                }

                if ((flags & PathOnly) != 0 || (*(ushort*)(facts + ModeAt) & TypeMask) == FolderType)
                {
                    Kernel.Error = Kernel.EISDIR;
                    return stream;
                }
            }
        }

        return -1;
    }
}
