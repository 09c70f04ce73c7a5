namespace ClawOS.Bench.Fs.Systems;

/// <summary>Builds libfuse's passthrough_ll from the example source that the development package ships.</summary>
internal static class PassthroughBuild
{
    private const string Examples = "/usr/share/doc/libfuse3-dev/examples";

    public static string Program(string tools) => Path.Combine(tools, "passthrough_ll");

    /// <summary>Does nothing when it is built already.</summary>
    public static void Build(string tools, string[] packages)
    {
        if (File.Exists(Program(tools)))
            return;
        if (!Directory.Exists(Examples) || !Command.Exists("gcc") || !Command.Exists("pkg-config"))
            Command.Run("apt-get", ["install", "-y", "-q", .. packages]);
        if (!File.Exists(Path.Combine(Examples, "passthrough_ll.c")))
            throw new InvalidOperationException($"{Examples}/passthrough_ll.c: not in the package");
        Directory.CreateDirectory(tools);
        string[] flags = Command.Run("pkg-config", "--cflags", "--libs", "fuse3").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        Command.RunIn(Examples, null, "gcc", ["-O2", "-Wno-all", "passthrough_ll.c", "-o", Program(tools), .. flags]);
    }
}
