namespace ClawOS.Security.Sandbox.Services;

/// <summary>Names of capabilities.</summary>
public static class CapabilityNames
{
    /// <summary>The kernel's name, like CAP_DAC_OVERRIDE.</summary>
    public static string KernelName(this Capability capability) =>
        "CAP" + string.Concat($"{capability}".Select(letter => char.IsAsciiLetterUpper(letter) ? $"_{letter}" : $"{char.ToUpperInvariant(letter)}"));
}

/// <summary>The capabilities that a service of ours may have, by the kernel's numbers (capabilities(7)).</summary>
public enum Capability
{
#pragma warning disable CS1591 // The names are the kernel's own; capabilities(7) documents each.
    Chown = 0,
    DacOverride = 1,
    DacReadSearch = 2,
    Fowner = 3,
    Kill = 5,
    Setgid = 6,
    Setuid = 7,
    Setpcap = 8,
    IpcLock = 14,
    SysChroot = 18,
    SysPtrace = 19,
    SysAdmin = 21,
    SysResource = 24,
    Setfcap = 31,
    MacAdmin = 33,
#pragma warning restore CS1591
}
