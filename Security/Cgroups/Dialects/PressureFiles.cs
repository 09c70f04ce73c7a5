namespace ClawOS.Security.Cgroups.Dialects;

/// <summary>The pressure files of a version 2 group, which need no controller.</summary>
internal static class PressureFiles
{
    /// <returns>Null where the kernel counts no pressure for groups.</returns>
    internal static CgroupPressure? Read(string folder) =>
        One(folder, "cpu.pressure") is { } cpu && One(folder, "memory.pressure") is { } memory && One(folder, "io.pressure") is { } io
            ? new CgroupPressure(cpu, memory, io)
            : null;

    private static PressureOf? One(string folder, string name)
    {
        string file = Path.Combine(folder, name);
        return GroupFile.TryRead(file) is { } text
            ? GroupFile.Understand(file, text, static text => new PressureOf(GroupText.Pressure(text, "some"), GroupText.Pressure(text, "full")))
            : null;
    }
}
