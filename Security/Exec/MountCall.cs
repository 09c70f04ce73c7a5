using ClawOS.Security.Sandbox.Layout;

namespace ClawOS.Security.Exec;

/// <summary>The mount calls of Linux 5.12 on descriptors: a mount is made detached, gets its attributes for all that lies below it, and is attached last. Descriptors are left open: the first process closes all of them at once.</summary>
internal static unsafe class MountCall
{
    private const nint EmptyPath = 0x1000, Recursive = 0x8000, CloseOnExec = 0x80000;
    private const ulong PathOnly = 0x200000;
    private const ulong NoMagicLinks = 0x02, NoSymlinks = 0x04, Beneath = 0x08;

    /// <summary>No mount of ours is seen outside, and none of theirs comes in.</summary>
    internal static bool MakeAllPrivate()
    {
        const nint Private = 0x40000, AllBelow = 0x4000;
        fixed (byte* root = "/"u8)
        {
            return Kernel.Call(CallNumber.Mount, 0, (nint)root, 0, AllBelow | Private, 0) == 0;
        }
    }

    /// <summary>A detached copy of what is at a path, with everything mounted below.</summary>
    /// <returns>Its descriptor, or -1.</returns>
    internal static int CopyOf(byte* path)
    {
        nint place = Open(Kernel.Here, path, NoSymlinks);
        return place < 0 ? -1 : CopyOf(place);
    }

    /// <summary>A detached copy of what a descriptor stands for, with everything mounted below.</summary>
    /// <returns>Its descriptor, or -1.</returns>
    internal static int CopyOf(nint place)
    {
        const nint Clone = 1;
        fixed (byte* empty = "\0"u8)
        {
            return (int)Kernel.Call(CallNumber.OpenTree, place, (nint)empty, Clone | CloseOnExec | EmptyPath | Recursive);
        }
    }

    /// <summary>A new file system, detached.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="mode">Octal mode of its root, or null.</param>
    /// <param name="size">Its size in bytes, as text; null or empty: the kernel's default.</param>
    /// <param name="attributes">MOUNT_ATTR_*.</param>
    /// <returns>Its descriptor, or -1.</returns>
    internal static int NewFileSystem(byte* type, byte* mode, byte* size, uint attributes)
    {
        const nint SetText = 1, Create = 6, Close = 1;
        nint context = Kernel.Call(CallNumber.Fsopen, (nint)type, Close);
        if (context < 0)
        {
            return -1;
        }

        fixed (byte* modeKey = "mode"u8, sizeKey = "size"u8)
        {
            if ((mode != null && Kernel.Call(CallNumber.Fsconfig, context, SetText, (nint)modeKey, (nint)mode) != 0)
                || (size != null && *size != 0 && Kernel.Call(CallNumber.Fsconfig, context, SetText, (nint)sizeKey, (nint)size) != 0)
                || Kernel.Call(CallNumber.Fsconfig, context, Create) != 0)
            {
                return -1;
            }
        }

        return (int)Kernel.Call(CallNumber.Fsmount, context, Close, (nint)attributes);
    }

    /// <summary>Adds attributes.</summary>
    internal static bool SetAttributes(nint tree, uint attributes, bool recursive) => ChangeAttributes(tree, attributes, 0, recursive);

    /// <summary>Adds attributes, and clears others, of the mount that a descriptor stands for.</summary>
    internal static bool ChangeAttributes(nint tree, uint set, uint clear, bool recursive)
    {
        ulong* change = stackalloc ulong[] { set, clear, 0, 0 };
        fixed (byte* empty = "\0"u8)
        {
            return Kernel.Call(CallNumber.MountSetattr, tree, (nint)empty, EmptyPath | (recursive ? Recursive : 0), (nint)change, 32) == 0;
        }
    }

    /// <summary>Attaches a detached mount over what a descriptor stands for.</summary>
    internal static bool Attach(int tree, int place)
    {
        fixed (byte* empty = "\0"u8)
        {
            return Move(tree, place, empty, toEmpty: true);
        }
    }

    /// <summary>Attaches a detached mount at a path.</summary>
    internal static bool AttachAt(int tree, nint folder, byte* path) => Move(tree, folder, path, toEmpty: false);

    /// <summary>Opens a name below the new root as a place to mount over.</summary>
    internal static nint OpenBelow(int root, byte* path) => Open(root, path, NoSymlinks | NoMagicLinks | Beneath);

    /// <summary>Makes a folder, file or link below the new root; folders and files may exist.</summary>
    /// <returns>0 or an errno.</returns>
    internal static int NewName(int root, byte* path, MountKind kind, uint mode, byte* text)
    {
        const uint Regular = 0x8000;
        nint last = 0;
        for (nint i = 0; path[i] != 0; i++)
        {
            last = path[i] == (byte)'/' ? i : last;
        }

        // The text is this process's own copy: cut in two for one call.
        nint folder = root;
        if (last > 0)
        {
            path[last] = 0;
            folder = OpenBelow(root, path);
            path[last] = (byte)'/';
            if (folder < 0)
            {
                return Kernel.Error;
            }
        }

        byte* name = last > 0 ? path + last + 1 : path;
        nint made = kind switch
        {
            MountKind.Folder => Kernel.Call(CallNumber.Mkdirat, folder, (nint)name, (nint)mode),
            MountKind.File => Kernel.Call(CallNumber.Mknodat, folder, (nint)name, (nint)(Regular | mode), 0),
            _ => Kernel.Call(CallNumber.Symlinkat, (nint)text, folder, (nint)name),
        };
        return made == 0 || (kind != MountKind.Link && Kernel.Error == Kernel.EEXIST) ? 0 : Kernel.Error;
    }

    /// <summary>The tree becomes the root, and the old root goes.</summary>
    internal static bool MakeRoot(int tree)
    {
        const nint Detach = 2;
        fixed (byte* here = "."u8, root = "/"u8)
        {
            return Kernel.Call(CallNumber.Fchdir, tree) == 0
                && Kernel.Call(CallNumber.PivotRoot, (nint)here, (nint)here) == 0
                && Kernel.Call(CallNumber.Umount2, (nint)here, Detach) == 0
                && Kernel.Call(CallNumber.Chdir, (nint)root) == 0;
        }
    }

    /// <summary>Opens a path as a place, by openat2.</summary>
    internal static nint Open(nint folder, byte* path, ulong resolve)
    {
        ulong* how = stackalloc ulong[] { PathOnly | (ulong)CloseOnExec, 0, resolve };
        return Kernel.Call(CallNumber.Openat2, folder, (nint)path, (nint)how, 24);
    }

    /// <summary>Opens an absolute path as a place; no part of it may be a symbolic link.</summary>
    internal static nint OpenExact(byte* path) => Open(Kernel.Here, path, NoSymlinks);

    /// <summary>Opens a path of somebody who may change it meanwhile, as a place.</summary>
    internal static nint OpenPlace(nint folder, byte* path) => Open(folder, path, NoSymlinks | NoMagicLinks);

    private static bool Move(int tree, nint folder, byte* path, bool toEmpty)
    {
        const nint FromEmpty = 0x04, ToEmpty = 0x40;
        fixed (byte* empty = "\0"u8)
        {
            return Kernel.Call(CallNumber.MoveMount, tree, (nint)empty, folder, (nint)path, FromEmpty | (toEmpty ? ToEmpty : 0)) == 0;
        }
    }
}
