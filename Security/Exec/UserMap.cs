using System.Buffers.Text;
using ClawOS.Security.Sandbox.Layout;

namespace ClawOS.Security.Exec;

/// <summary>One user and one group of the sandbox's user namespace, mapped to one of the machine; all others show as nobody (user_namespaces(7)).</summary>
internal static unsafe class UserMap
{
    /// <summary>Writes setgroups, uid_map and gid_map of a child.</summary>
    /// <returns>0, or the errno of the file that refused.</returns>
    internal static int Write(int pid, Plan plan)
    {
        Span<byte> text = stackalloc byte[32];
        int error = WriteFile(pid, "/setgroups\0"u8, "deny"u8);
        if (error == 0)
        {
            error = WriteFile(pid, "/uid_map\0"u8, Line(text, plan.Number(PlanLayout.InsideUidAt), plan.Number(PlanLayout.OutsideUidAt)));
        }

        return error != 0 ? error : WriteFile(pid, "/gid_map\0"u8, Line(text, plan.Number(PlanLayout.InsideGidAt), plan.Number(PlanLayout.OutsideGidAt)));
    }

    private static ReadOnlySpan<byte> Line(Span<byte> text, uint inside, uint outside)
    {
        Utf8Formatter.TryFormat(inside, text, out int length);
        text[length++] = (byte)' ';
        Utf8Formatter.TryFormat(outside, text[length..], out int more);
        length += more;
        " 1"u8.CopyTo(text[length..]);
        return text[..(length + 2)];
    }

    private static int WriteFile(int pid, ReadOnlySpan<byte> name, ReadOnlySpan<byte> content)
    {
        const int WriteOnly = 1;
        nint descriptor = ProcessFile.Open(pid, name, WriteOnly);
        if (descriptor < 0)
        {
            return Kernel.Error;
        }

        fixed (byte* bytes = content)
        {
            int error = Kernel.Call(CallNumber.Write, descriptor, (nint)bytes, content.Length) == content.Length ? 0 : Kernel.Error;
            Kernel.Call(CallNumber.Close, descriptor);
            return error;
        }
    }
}
