using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ClawOS.Security.Seccomp.Tests.Oracle;

/// <summary>libseccomp as a judge: another compiler of the same rules.</summary>
internal static unsafe partial class LibSeccomp
{
    private const string Library = "libseccomp.so.2";
    private const int BadArchitecture = 2;

    /// <summary>Skips the test where the library is not installed.</summary>
    internal static void Need()
    {
        if (!NativeLibrary.TryLoad(Library, out _))
        {
            Assert.Skip($"{Library} is not installed (package libseccomp2)");
        }
    }

    /// <summary>A call's number, null for a name that the library does not know or the architecture does not have.</summary>
    internal static int? Number(Architecture architecture, string name) =>
        seccomp_syscall_resolve_name_arch(Verdict.Audit(architecture), name) is >= 0 and var number ? number : null;

    /// <summary>A call's name, null if the library does not know the number.</summary>
    internal static string? Name(Architecture architecture, int number)
    {
        byte* name = seccomp_syscall_resolve_num_arch(Verdict.Audit(architecture), number);
        string? text = Marshal.PtrToStringUTF8((nint)name);
        NativeMemory.Free(name);
        return text;
    }

    /// <summary>The filter that the library makes of a profile without order between groups. Calls that it does not know are left out.</summary>
    internal static byte[] Compile(SeccompProfile profile, Architecture architecture)
    {
        nint filter = seccomp_init(profile.DefaultAction.ReturnValue);
        Assert.NotEqual(0, filter);
        try
        {
            uint native = seccomp_arch_native();
            if (native != Verdict.Audit(architecture))
            {
                Must(seccomp_arch_add(filter, Verdict.Audit(architecture)), "arch_add");
                Must(seccomp_arch_remove(filter, native), "arch_remove");
            }

            Must(seccomp_attr_set(filter, BadArchitecture, Verdict.Kill), "attr_set");
            foreach (SyscallGroup group in profile.Groups)
            {
                foreach (string name in group.Names.Where(name => Number(architecture, name) is not null))
                {
                    Comparer[] tests = [.. group.Arguments.Select(static test => new Comparer { Index = (uint)test.Index, Operation = (int)test.Comparison + 1, First = test.Value, Second = test.ValueTwo })];
                    fixed (Comparer* first = tests)
                    {
                        Must(seccomp_rule_add_array(filter, group.Action.ReturnValue, seccomp_syscall_resolve_name(name), (uint)tests.Length, first), $"rule_add {name}");
                    }
                }
            }

            return Export(filter);
        }
        finally
        {
            seccomp_release(filter);
        }
    }

    private static byte[] Export(nint filter)
    {
        string path = Path.GetTempFileName();
        try
        {
            using (SafeFileHandle file = File.OpenHandle(path, FileMode.Create, FileAccess.Write))
            {
                Must(seccomp_export_bpf(filter, (int)file.DangerousGetHandle()), "export_bpf");
            }

            return File.ReadAllBytes(path);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static void Must(int result, string what) => Assert.True(result == 0, $"{what}: {result}");

    [LibraryImport(Library)]
    private static partial nint seccomp_init(uint action);

    [LibraryImport(Library)]
    private static partial void seccomp_release(nint filter);

    [LibraryImport(Library)]
    private static partial uint seccomp_arch_native();

    [LibraryImport(Library)]
    private static partial int seccomp_arch_add(nint filter, uint architecture);

    [LibraryImport(Library)]
    private static partial int seccomp_arch_remove(nint filter, uint architecture);

    [LibraryImport(Library)]
    private static partial int seccomp_attr_set(nint filter, int attribute, uint value);

    [LibraryImport(Library)]
    private static partial int seccomp_rule_add_array(nint filter, uint action, int number, uint count, Comparer* tests);

    [LibraryImport(Library)]
    private static partial int seccomp_export_bpf(nint filter, int file);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int seccomp_syscall_resolve_name(string name);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int seccomp_syscall_resolve_name_arch(uint architecture, string name);

    [LibraryImport(Library)]
    private static partial byte* seccomp_syscall_resolve_num_arch(uint architecture, int number);

    /// <summary>struct scmp_arg_cmp; the operations are those of <see cref="Comparison"/> from 1 on.</summary>
    private struct Comparer
    {
        internal uint Index;
        internal int Operation;
        internal ulong First, Second;
    }
}
