using ClawOS.Security.Sandbox;
using ClawOS.Security.Sandbox.Layout;
using static ClawOS.Security.Exec.MountCall;

namespace ClawOS.Security.Exec;

/// <summary>
/// The one process that enters a running sandbox from outside: its user and mount namespaces, never its pid namespace, so that nobody in there has a number to
/// signal or trace it by. Paths are the sandbox's to rename and replace at any moment: no symbolic link is followed, and a mount is changed or taken away only
/// where its own number says that it is the one. System calls only.
/// </summary>
internal static unsafe class AmendChild
{
    /// <summary>
    /// All waiting for files to be closed together, in milliseconds: a little before the same files are laid over, for a change of policy shall hold within 250 for who comes by a path;
    /// and a second behind that, for who stands inside.
    /// </summary>
    private const int MostPauses = 1050, PausesBehind = 1000, PauseNanoseconds = 1_000_000;

    private const uint ReadOnly = 1, NoSuid = 2, NoDevices = 4, NoExecute = 8;
    private const ulong AdministerMounts = 1ul << 21, SearchAnyFolder = (1ul << 1) | (1ul << 2);

    /// <summary>Does not return.</summary>
    internal static void Run(AmendPlan plan, AmendOutcomes* outcomes)
    {
        const int SetDeathSignal = 1, SetDumpable = 4, Kill = 9;
        const nint NewUsers = 0x10000000, NewMounts = 0x20000;
        if (!TryReadRoot(out MountFacts outside)
            || Kernel.Call(CallNumber.Setns, AmendLayout.UserNamespaceDescriptor, NewUsers) != 0
            || Kernel.Call(CallNumber.Setns, AmendLayout.MountNamespaceDescriptor, NewMounts) != 0
            || !Privileges.TakeIdentity((nint)plan.Number(AmendLayout.InsideUidAt), (nint)plan.Number(AmendLayout.InsideGidAt))
            || !Privileges.Keep(AdministerMounts | SearchAnyFolder)
            || Kernel.Call(CallNumber.Prctl, SetDumpable, 0) != 0
            || Kernel.Call(CallNumber.Prctl, SetDeathSignal, Kill) != 0
            || !TryReadRoot(out MountFacts inside))
        {
            outcomes->Fail(LaunchStep.JoinSandbox, Kernel.Error);
            Kernel.Exit(0);
            return;
        }

        if (inside.IsSameFileAs(outside))
        {
            // It is being launched: what were changed now would go with the old root.
            outcomes->Fail(LaunchStep.JoinSandbox, Kernel.EAGAIN);
            Kernel.Exit(0);
        }

        int pauses = MostPauses;
        for (uint i = 0; i < plan.Count; i++)
        {
            byte* item = plan.Item(i);
            ulong mountId = 0;
            uint how = 0;
            int error = Do(item, plan.Path(item), &mountId, &how, &pauses);
            outcomes->Set(i, error, how, mountId);
        }

        outcomes->Complete();
        Kernel.Exit(0);
    }

    private static bool TryReadRoot(out MountFacts facts)
    {
        fixed (byte* root = "/"u8)
        {
            nint place = OpenPlace(Kernel.Here, root);
            facts = default;
            return place >= 0 && MountFacts.TryRead(place, out facts) && Kernel.Call(CallNumber.Close, place) == 0;
        }
    }

    /// <summary>Does one item.</summary>
    /// <returns>0 or an errno.</returns>
    private static int Do(byte* item, byte* path, ulong* mountId, uint* how, int* pauses)
    {
        AmendKind kind = *(AmendKind*)(item + AmendLayout.KindAt);
        ulong expected = *(ulong*)(item + AmendLayout.MountIdAt);
        if (kind == AmendKind.Uncover)
        {
            return Uncover(path, expected);
        }

        nint place = OpenPlace(Kernel.Here, path);
        if (place < 0 || !MountFacts.TryRead(place, out MountFacts facts))
        {
            return Kernel.Error;
        }

        uint flags = *(uint*)(item + AmendLayout.FlagsAt);
        if (facts.IsFolder && (flags & AmendLayout.NotFolder) != 0)
        {
            return Kernel.EISDIR;
        }

        bool recursive = (flags & AmendLayout.Recursive) != 0, alone = (flags & AmendLayout.MountAlone) != 0;
        uint set = *(uint*)(item + AmendLayout.SetAt), clear = *(uint*)(item + AmendLayout.ClearAt);
        int error = kind switch
        {
            AmendKind.Cover => Lay(place, facts.IsFolder ? EmptyFolder() : Nothing(), mountId),
            AmendKind.Part => facts.IsRoot ? 0 : Lay(place, CopyOf(place), mountId),
            AmendKind.Restrict when alone => RestrictAlone(place, facts, set, mountId, pauses),
            _ => Restrict(place, facts, expected, set, clear, recursive, mountId, how, pauses),
        };
        Kernel.Call(CallNumber.Close, place);
        return error;
    }

    /// <summary>
    /// The mount itself where it can be, so that who is already inside is restricted too. A file that stays open for writing (EBUSY) leaves only laying the same files over it; most are
    /// open for a moment, which is waited for, and then what was laid over goes again.
    /// </summary>
    private static int Restrict(nint place, MountFacts facts, ulong expected, uint set, uint clear, bool recursive, ulong* mountId, uint* how, int* pauses)
    {
        if (expected != 0 && (!facts.IsRoot || facts.MountId != expected))
        {
            return Kernel.ESTALE;
        }

        if (facts.IsRoot)
        {
            // Only what this item itself made narrower is made wider: that is never a mount below.
            uint given = expected != 0 ? clear : 0;
            bool deep = recursive && clear == 0;
            if (TryChange(place, set, given, deep, pauses, PausesBehind))
            {
                *mountId = facts.MountId;
                return 0;
            }

            if (Kernel.Error != Kernel.EBUSY)
            {
                return Kernel.Error;
            }

            int over = CopyOf(place);
            if (over < 0 || !SetAttributes(over, set, recursive) || !Attach(over, (int)place) || !MountFacts.TryRead(over, out MountFacts laid))
            {
                return Kernel.Error;
            }

            bool changed = TryChange(place, set, given, deep, pauses, 0) && TakeAway(over);
            (*how, *mountId) = changed ? (0, facts.MountId) : (AmendLayout.LaidOver, laid.MountId);
            Kernel.Call(CallNumber.Close, over);
            return 0;
        }

        int tree = CopyOf(place);
        return tree >= 0 && SetAttributes(tree, set, recursive) ? Lay(place, tree, mountId) : Kernel.Error;
    }

    /// <summary>The mount and nothing else; what is to come over it waits no longer than for that.</summary>
    private static int RestrictAlone(nint place, MountFacts facts, uint set, ulong* mountId, int* pauses)
    {
        if (!facts.IsRoot)
        {
            return Kernel.EINVAL;
        }

        if (!TryChange(place, set, 0, recursive: false, pauses, PausesBehind))
        {
            return Kernel.Error;
        }

        *mountId = facts.MountId;
        return 0;
    }

    /// <summary>Changes the mount, as soon as nothing in it is open for writing any more.</summary>
    /// <param name="pauses">How many pauses are left to all items.</param>
    /// <param name="least">How many of them are for later.</param>
    private static bool TryChange(nint place, uint set, uint clear, bool recursive, int* pauses, int least)
    {
        while (!ChangeAttributes(place, set, clear, recursive))
        {
            if (Kernel.Error != Kernel.EBUSY || *pauses <= least)
            {
                return false;
            }

            --*pauses;
            Pause();
            Kernel.Error = Kernel.EBUSY;
        }

        return true;
    }

    /// <summary>Takes a mount away by its own descriptor: a working folder that is its root, and the name "." from there.</summary>
    private static bool TakeAway(int mount)
    {
        const nint Detach = 2;
        fixed (byte* here = "."u8)
        {
            return Kernel.Call(CallNumber.Fchdir, mount) == 0 && Kernel.Call(CallNumber.Umount2, (nint)here, Detach) == 0;
        }
    }

    private static void Pause()
    {
        long* time = stackalloc long[2];
        (time[0], time[1]) = (0, PauseNanoseconds);
        Kernel.Call(CallNumber.Ppoll, 0, 0, (nint)time);
    }

    private static int Lay(nint place, int tree, ulong* mountId)
    {
        if (tree < 0 || !Attach(tree, (int)place) || !MountFacts.TryRead(tree, out MountFacts laid))
        {
            return Kernel.Error;
        }

        *mountId = laid.MountId;
        Kernel.Call(CallNumber.Close, tree);
        return 0;
    }

    private static int EmptyFolder()
    {
        fixed (byte* type = "tmpfs"u8, mode = "0"u8, size = "4096"u8)
        {
            return NewFileSystem(type, mode, size, ReadOnly | NoSuid | NoDevices | NoExecute);
        }
    }

    /// <summary>The null device on a mount where devices cannot be opened.</summary>
    private static int Nothing()
    {
        fixed (byte* path = "/dev/null"u8)
        {
            nint device = OpenPlace(Kernel.Here, path);
            if (device < 0 || !MountFacts.TryRead(device, out MountFacts facts))
            {
                return -1;
            }

            Kernel.Error = Kernel.ENXIO;
            int tree = facts.IsNullDevice ? CopyOf(device) : -1;
            return tree >= 0 && SetAttributes(tree, ReadOnly | NoSuid | NoDevices | NoExecute, recursive: false) ? tree : -1;
        }
    }

    /// <summary>A name that is a mount point cannot be renamed or removed in its own namespace, and its folder is held: what is checked is what goes.</summary>
    private static int Uncover(byte* path, ulong expected)
    {
        const nint Detach = 2, NoFollow = 8;
        byte* name = path;
        for (byte* next = path; *next != 0; next++)
        {
            name = *next == (byte)'/' ? next + 1 : name;
        }

        nint folder;
        fixed (byte* root = "/"u8)
        {
            if (name == path + 1)
            {
                folder = OpenPlace(Kernel.Here, root);
            }
            else
            {
                name[-1] = 0; // This process's own copy.
                folder = OpenPlace(Kernel.Here, path);
                name[-1] = (byte)'/';
            }
        }

        nint place = folder < 0 ? -1 : OpenPlace(folder, name);
        if (place < 0 || !MountFacts.TryRead(place, out MountFacts facts))
        {
            return Kernel.Error;
        }

        if (!facts.IsRoot || facts.MountId != expected)
        {
            return Kernel.ESTALE;
        }

        bool gone = Kernel.Call(CallNumber.Fchdir, folder) == 0 && Kernel.Call(CallNumber.Umount2, (nint)name, Detach | NoFollow) == 0;
        return gone ? 0 : Kernel.Error;
    }
}
