using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ClawOS.Security.Sandbox;

/// <summary>The three descriptors that the command gets. No other reaches it.</summary>
/// <param name="Input">Standard input; null: /dev/null.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error; null: where output goes.</param>
public sealed record SandboxStreams(SafeHandle? Input, SafeHandle Output, SafeHandle? Error)
{
    /// <summary>Those of this process.</summary>
    public static SandboxStreams Own() => new(Descriptor(0), Descriptor(1), Descriptor(2));

    private static SafeFileHandle Descriptor(int number) => new(number, ownsHandle: false);
}
