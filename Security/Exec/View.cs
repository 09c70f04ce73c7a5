using ClawOS.Security.Sandbox;
using ClawOS.Security.Sandbox.Layout;
using static ClawOS.Security.Exec.MountCall;

namespace ClawOS.Security.Exec;

/// <summary>
/// The files that the sandbox sees: a tmpfs root with what the plan lays into it, and nothing else. What comes in is opened first, while all
/// of the machine can be seen; no symbolic link is followed on either side, so neither end can be exchanged for another place.
/// </summary>
internal static unsafe class View
{
    private const uint NoSuid = 2, NoDevices = 4, ReadOnly = 1;

    /// <summary>Ends in the new root, without a way back.</summary>
    internal static void Build(LaunchContext* context, Plan plan)
    {
        if (!MakeAllPrivate())
        {
            FirstProcess.Fail(context, LaunchStep.PrivateMounts);
        }

        OpenSources(context, plan);
        if (!Privileges.TakeIdentity((nint)plan.Number(PlanLayout.InsideUidAt), (nint)plan.Number(PlanLayout.InsideGidAt)))
        {
            FirstProcess.Fail(context, LaunchStep.TakeIdentity);
        }

        int root;
        fixed (byte* type = "tmpfs"u8, mode = "755"u8)
        {
            root = NewFileSystem(type, mode, null, NoSuid | NoDevices);
        }

        if (root < 0 || !AttachAt(root, Kernel.Here, plan.Text(PlanLayout.StageAt)))
        {
            FirstProcess.Fail(context, LaunchStep.MountRoot);
        }

        for (uint i = 0; i < plan.Count(PlanLayout.MountsAt); i++)
        {
            int error = Item(plan, plan.Entry(PlanLayout.MountsAt, PlanLayout.MountSize, i), root, context->Trees[i]);
            if (error != 0)
            {
                FirstProcess.Fail(context, LaunchStep.Mount, i, error);
            }
        }

        if (!SetAttributes(root, ReadOnly, recursive: false))
        {
            FirstProcess.Fail(context, LaunchStep.Mount, plan.Count(PlanLayout.MountsAt));
        }

        if (!AppArmor.Prepare(context, plan))
        {
            FirstProcess.Fail(context, LaunchStep.AskTransition);
        }

        if (!MakeRoot(root))
        {
            FirstProcess.Fail(context, LaunchStep.PivotRoot);
        }
    }

    private static void OpenSources(LaunchContext* context, Plan plan)
    {
        for (uint i = 0; i < plan.Count(PlanLayout.MountsAt); i++)
        {
            byte* entry = plan.Entry(PlanLayout.MountsAt, PlanLayout.MountSize, i);
            context->Trees[i] = -1;
            if (*(MountKind*)(entry + PlanLayout.MountKindAt) != MountKind.Bind)
            {
                continue;
            }

            int tree = CopyOf(plan.Text(entry, PlanLayout.MountSourceAt));
            if (tree < 0 || !SetAttributes(tree, *(uint*)(entry + PlanLayout.MountAttributesAt), recursive: true))
            {
                FirstProcess.Fail(context, LaunchStep.OpenSource, i);
            }

            context->Trees[i] = tree;
        }
    }

    /// <summary>Lays one item into the root.</summary>
    /// <returns>0 or an errno.</returns>
    private static int Item(Plan plan, byte* entry, int root, int tree)
    {
        byte* target = plan.Text(entry, PlanLayout.MountTargetAt) + 1;
        byte* source = plan.Text(entry, PlanLayout.MountSourceAt);
        uint mode = *(uint*)(entry + PlanLayout.MountModeAt);
        uint attributes = *(uint*)(entry + PlanLayout.MountAttributesAt);
        MountKind kind = *(MountKind*)(entry + PlanLayout.MountKindAt);
        switch (kind)
        {
            case MountKind.Folder or MountKind.File or MountKind.Link:
                return NewName(root, target, kind, mode, source);
            case MountKind.Tmpfs or MountKind.Cover:
                Octal digits = new(mode);
                fixed (byte* type = "tmpfs"u8)
                {
                    tree = NewFileSystem(type, digits.Text, plan.Text(entry, PlanLayout.MountOptionAt), attributes);
                }

                break;
            case MountKind.Proc:
                fixed (byte* type = "proc"u8)
                {
                    tree = NewFileSystem(type, null, null, attributes);
                }

                break;
            default:
                break;
        }

        if (tree < 0)
        {
            return Kernel.Error;
        }

        nint place = OpenBelow(root, target);
        if (place < 0 && kind == MountKind.Cover && Kernel.Error == Kernel.ENOENT)
        {
            // It was unmounted and its folder removed since the plan was made: nothing is there to cover.
            return Kernel.Call(CallNumber.Close, tree) == 0 ? 0 : Kernel.Error;
        }

        return place >= 0 && Attach(tree, (int)place) ? 0 : Kernel.Error;
    }

    /// <summary>Up to four octal digits, ended by a zero byte.</summary>
    private ref struct Octal
    {
        private fixed byte digits[5];

        internal Octal(uint mode)
        {
            for (int i = 3; i >= 0; i--)
            {
                digits[i] = (byte)('0' + (mode & 7));
                mode >>= 3;
            }
        }

        /// <summary>Good while this value lives, which is on the stack.</summary>
        internal byte* Text
        {
            get
            {
                fixed (byte* first = digits)
                {
                    return first;
                }
            }
        }
    }
}
