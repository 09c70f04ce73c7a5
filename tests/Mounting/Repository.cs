namespace ClawOS.Mounting;

/// <summary>Where the sources and the built program lie.</summary>
public static class Repository
{
    /// <summary>The folder that holds ClawOS.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>
    /// How to start the product: the words before the verb. CLAW_BIN names a claw.dll or an executable; otherwise the newest
    /// build under artifacts is taken.
    /// </summary>
    public static string[] ClawCommand()
    {
        string? named = Environment.GetEnvironmentVariable("CLAW_BIN");
        if (named is not null)
            return named.EndsWith(".dll", StringComparison.Ordinal) ? ["dotnet", named] : [named];
        string builds = Path.Combine(Root, "artifacts", "bin", "Cli");
        string? newest = !Directory.Exists(builds) ? null : Directory.EnumerateFiles(builds, "claw.dll", SearchOption.AllDirectories)
            .MaxBy(File.GetLastWriteTimeUtc);
        return newest is null
            ? throw new InvalidOperationException($"no claw.dll under {builds}: build Agent/Cli first")
            : ["dotnet", newest];
    }

    private static string FindRoot()
    {
        for (DirectoryInfo? d = new(AppContext.BaseDirectory); d is not null; d = d.Parent)
        {
            if (File.Exists(Path.Combine(d.FullName, "ClawOS.sln")))
                return d.FullName;
        }
        throw new InvalidOperationException("the tests run outside the repository: no ClawOS.sln above " + AppContext.BaseDirectory);
    }
}
