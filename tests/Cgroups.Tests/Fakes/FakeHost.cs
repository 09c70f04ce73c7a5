namespace ClawOS.Security.Cgroups.Tests.Fakes;

/// <summary>A folder that looks like "/" to the detection: the tables of /proc and control groups as plain files, so that both versions can be tested on any kernel.</summary>
internal sealed class FakeHost : IDisposable
{
    private readonly DirectoryInfo root = Directory.CreateTempSubdirectory("claw-cgroups-");
    private readonly List<string> mounts = ["22 1 0:20 / / rw,relatime - ext4 /dev/sda1 rw"];
    private readonly List<string> memberships = [];
    private readonly List<Cgroup> taken = [];

    internal string Root => root.FullName;

    /// <summary>The kernel that it says it has.</summary>
    internal string Kernel { get; init; } = "6.12.1-test";

    internal bool HasPressure { get; init; } = true;

    /// <summary>Mounts a hierarchy.</summary>
    /// <param name="mountPoint">From the root.</param>
    /// <param name="controllers">"" for version 2, else what is bound.</param>
    /// <param name="own">The group of this process.</param>
    /// <param name="bound">Which group the mount begins with.</param>
    internal FakeHost Mount(string mountPoint, string controllers, string own, string bound = "/")
    {
        int number = mounts.Count;
        mounts.Add(controllers.Length == 0
            ? $"3{number} 22 0:3{number} {bound} {mountPoint} rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate"
            : $"3{number} 22 0:3{number} {bound} {mountPoint} rw,nosuid - cgroup cgroup rw,{controllers}");
        memberships.Add($"{(controllers.Length == 0 ? 0 : number)}:{controllers}:{own}");
        Directory.CreateDirectory(At(mountPoint));
        return this;
    }

    /// <summary>Makes a group of version 2 with the files that detection looks at.</summary>
    /// <param name="path">From the root.</param>
    /// <param name="controllers">What it may hand on.</param>
    /// <param name="handedOn">What it does hand on.</param>
    /// <param name="procs">Who is in it.</param>
    /// <param name="isRoot">Whether it is the root of the hierarchy, which has no type.</param>
    internal FakeHost Group(string path, string controllers, string handedOn = "", string procs = "", bool isRoot = false)
    {
        Set(path + "/cgroup.controllers", controllers + "\n");
        Set(path + "/cgroup.subtree_control", handedOn + "\n");
        Set(path + "/cgroup.procs", procs);
        if (!isRoot)
            Set(path + "/cgroup.type", "domain\n");
        return this;
    }

    /// <summary>Makes a file with its text.</summary>
    internal FakeHost Set(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(path))!);
        File.WriteAllText(At(path), text);
        return this;
    }

    internal FakeHost Sets(string folder, params string[] files)
    {
        foreach (string file in files)
            Set($"{folder}/{file}", "");
        return this;
    }

    internal string Text(string path) => File.ReadAllText(At(path));

    /// <summary>What was written, and empties the file, since writing does not cut it.</summary>
    internal string Written(string path)
    {
        string text = Text(path);
        Set(path, "");
        return text;
    }

    internal string At(string path) => Path.Combine(Root, path.TrimStart('/'));

    internal CgroupHost Detect(Version? kernel = null)
    {
        Set("/proc/self/mountinfo", string.Join('\n', mounts) + "\n");
        Set("/proc/self/cgroup", string.Join('\n', memberships) + "\n");
        Set("/proc/sys/kernel/osrelease", Kernel + "\n");
        if (HasPressure)
            Set("/proc/pressure/memory", "");
        return CgroupHost.Detect(Root, kernel);
    }

    /// <summary>Takes over a group whose folders the test has made; it goes with the host.</summary>
    internal Cgroup Take(string name)
    {
        Cgroup group = Detect().TryTake(name) ?? throw new InvalidOperationException($"nobody made {name}");
        taken.Add(group);
        return group;
    }

    public void Dispose()
    {
        root.Delete(recursive: true);
        taken.ForEach(static group => group.Dispose());
    }
}
