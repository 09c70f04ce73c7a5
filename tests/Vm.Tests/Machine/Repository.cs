namespace Vm.Tests.Machine;

/// <summary>Where this repository is, and the place for what the guest is made of, which is kept.</summary>
internal static class Repository
{
    internal static string Root { get; } = FindRoot();

    internal static string Artifacts { get; } = Path.Combine(Root, "artifacts");

    internal static string Kept { get; } = Directory.CreateDirectory(Path.Combine(Artifacts, "vm")).FullName;

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "ClawOS.sln")))
            folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException("ClawOS.sln is not above the tests");
    }
}
