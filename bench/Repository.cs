namespace ClawOS.Bench;

/// <summary>The checkout that this program was built in.</summary>
internal static class Repository
{
    /// <summary>The folder with ClawOS.sln.</summary>
    public static string Root { get; } = Find();

    private static string Find()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "ClawOS.sln")))
            folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException("ClawOS.sln is not above the program");
    }
}
