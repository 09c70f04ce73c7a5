using System.Buffers.Binary;

namespace Sandbox.Tests;

/// <summary>A small seccomp filter of x86-64, made by hand: the calls that attempts at escape use answer EPERM, clone3 ENOSYS, clone with new namespaces EPERM, all others pass.</summary>
internal static class TestFilter
{
    private const ushort Load = 0x20, IfEqual = 0x15, IfAnyBit = 0x45, Return = 0x06;
    private const uint NumberAt = 0, FlagsAt = 16, Clone = 56, Clone3 = 435, Namespaces = 0x7E020000;
    private const uint Allow = 0x7FFF0000, NotPermitted = 0x00050001, NoSuchCall = 0x00050026;

    // ptrace, pivot_root, chroot, mount, umount2, swapon, swapoff, reboot, init_module, kexec_load, add_key, request_key, keyctl, unshare, perf_event_open, open_by_handle_at, setns,
    // process_vm_readv, process_vm_writev, kcmp, finit_module, bpf, userfaultfd, io_uring_setup, open_tree, move_mount, fsopen, mount_setattr.
    private static readonly uint[] Denied =
        [101, 155, 161, 165, 166, 167, 168, 169, 175, 246, 248, 249, 250, 272, 298, 304, 308, 310, 311, 312, 313, 321, 323, 425, 428, 429, 430, 442];

    internal static byte[] Program()
    {
        List<(ushort Code, int Yes, int No, uint Value)> program = [(Load, 0, 0, NumberAt)];
        int last = Denied.Length + 5; // Where "allow" stands; the two refusals follow.
        foreach (uint number in Denied)
            program.Add((IfEqual, last + 1 - program.Count - 1, 0, number));
        program.Add((IfEqual, last + 2 - program.Count - 1, 0, Clone3));
        program.Add((IfEqual, 0, last - program.Count - 1, Clone));
        program.Add((Load, 0, 0, FlagsAt));
        program.Add((IfAnyBit, last + 1 - program.Count - 1, 0, Namespaces));
        program.Add((Return, 0, 0, Allow));
        program.Add((Return, 0, 0, NotPermitted));
        program.Add((Return, 0, 0, NoSuchCall));
        byte[] bytes = new byte[program.Count * 8];
        for (int i = 0; i < program.Count; i++)
        {
            Span<byte> at = bytes.AsSpan(i * 8);
            BinaryPrimitives.WriteUInt16LittleEndian(at, program[i].Code);
            (at[2], at[3]) = (checked((byte)program[i].Yes), checked((byte)program[i].No));
            BinaryPrimitives.WriteUInt32LittleEndian(at[4..], program[i].Value);
        }

        return bytes;
    }
}
