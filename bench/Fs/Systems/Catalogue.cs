namespace ClawOS.Bench.Fs.Systems;

/// <summary>The file systems that can be measured, and what brings each to the machine.</summary>
/// <param name="Name">As given to --peers.</param>
/// <param name="Packages">Debian packages, none: nothing to install.</param>
/// <param name="Program">What must be on the PATH, null: nothing.</param>
/// <param name="Make">A fresh one in a scratch folder.</param>
internal sealed record Catalogue(string Name, string[] Packages, string? Program, Func<string, BenchedSystem> Make)
{
    public const string Claw = "claw", Ext4 = "ext4", Gocryptfs = "gocryptfs", Securefs = "securefs", PassthroughLl = "passthrough_ll";

    private const string Password = "bench";

    /// <summary>All of them, ours first.</summary>
    /// <param name="claw">The command line of claw.</param>
    /// <param name="tools">Where passthrough_ll is built.</param>
    public static IReadOnlyList<Catalogue> All(string[] claw, string tools) =>
    [
        new(Claw, [], null, root => new ClawSystem(root, claw)),
        new(Ext4, [], null, static root => new PlainFolder(root)),
        new(Gocryptfs, ["gocryptfs", "fuse3"], "gocryptfs", static root => new ForegroundDaemon(root,
            static low => Command.Run("gocryptfs", "-q", "-init", "-extpass", $"echo {Password}", "-scryptn", "10", low),
            static (low, mount) => ["gocryptfs", "-q", "-fg", "-extpass", $"echo {Password}", low, mount])),
        new(Securefs, ["securefs", "fuse3"], "securefs", static root => new ForegroundDaemon(root,
            static low => Command.Run("securefs", "create", "--pass", Password, low),
            static (low, mount) => ["securefs", "mount", "--pass", Password, low, mount])),
        new(PassthroughLl, ["libfuse3-dev", "fuse3", "gcc", "libc6-dev", "pkg-config"], null, root => new ForegroundDaemon(root, null,
            (low, mount) => [PassthroughBuild.Program(tools), "-f", "-o", $"source={low},cache=auto", mount])),
    ];

    /// <summary>Installs what is missing.</summary>
    /// <returns>Null when it can run, else why not, in one line.</returns>
    public string? Prepare(string tools)
    {
        try
        {
            if (Program is not null && !Command.Exists(Program))
                Command.Run("apt-get", ["install", "-y", "-q", .. Packages]);
            if (Name == PassthroughLl)
                PassthroughBuild.Build(tools, Packages);
            return null;
        }
        catch (Exception e) when (e is InvalidOperationException or IOException or System.ComponentModel.Win32Exception)
        {
            return e.Message.ReplaceLineEndings(" ");
        }
    }
}
