using System.Runtime.InteropServices;
using ClawFS.Linux;
using Microsoft.Win32.SafeHandles;

namespace ClawOS.Security.Sandbox;

/// <summary>The three descriptors that the command gets. No other reaches it.</summary>
/// <param name="Input">Standard input; null: /dev/null.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error; null: where output goes.</param>
public sealed record SandboxStreams(SafeHandle? Input, SafeHandle Output, SafeHandle? Error)
{
    /// <summary>Those of this process; /dev/null for one that it was started without. By then something of its own runtime has that number.</summary>
    public static SandboxStreams Own() => new(Given(0), Given(1) ?? Nowhere(), Given(2) ?? Nowhere());

    private static SafeFileHandle? Given(int number) => FileDescriptor.IsInheritable(number) ? new(number, ownsHandle: false) : null;

    private static SafeFileHandle Nowhere() => File.OpenHandle("/dev/null", FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
}
