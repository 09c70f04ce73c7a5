using ClawFS.Linux;
using ClawOS.Security.Sandbox.Services;

namespace Sandbox.Tests;

/// <summary>What holds of a program that is started as one of our services: asked in the program itself.</summary>
public sealed class ServiceTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("claw-service-");

    [Fact]
    public void It_is_this_very_process_with_its_descriptors_and_environment()
    {
        using Pipe given = Pipe.Create();
        Pipe.Write(given.Writer, "from outside"u8);
        given.Writer.Dispose();
        string text = Run("notify", "print(os.getpid(), os.read(3, 100).decode(), os.environ['WORD'], sys.argv[1], *sorted(os.listdir('/proc/self/fd'))[:4], len(os.listdir('/proc/self/fd')))", out ChildProcess process, given);
        Assert.Equal($"{process.Id} from outside word --mount 0 1 2 3 5", text); // The fifth is the listing itself.
    }

    [Fact]
    public void It_makes_no_socket_and_no_process()
    {
        Assert.Equal("EACCES", Attempted("fs", "socket.socket(socket.AF_INET, socket.SOCK_STREAM)"));
        Assert.Equal("EACCES", Attempted("fs", "socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)"));
        Assert.Equal("EPERM", Attempted("fs", "os.fork()"));
        Assert.Equal("ENOSYS", Attempted("fs", $"os.mkfifo('{folder}/store/x')"));
    }

    [Fact]
    public void Fs_writes_into_its_store_and_its_anchors_and_nowhere_else()
    {
        Assert.Equal("done", Attempted("fs", $"open('{folder}/store/a', 'w').close(); os.rename('{folder}/store/a', '{folder}/anchors/b')"));
        Assert.Equal("EACCES", Attempted("fs", $"open('{folder}/c', 'w')"));
        Assert.Equal("EACCES", Attempted("fs", $"open('{folder}/keys/k')"));
        Assert.Equal("EACCES", Attempted("fs", "os.listdir('/root')"));
    }

    [Fact]
    public void Notify_may_open_files_of_the_mount_for_writing_and_read_none()
    {
        folder.CreateSubdirectory("mount");
        File.WriteAllText($"{folder}/mount/f", "text");
        Assert.Equal("done", Attempted("notify", $"f = os.open('{folder}/mount/f', os.O_WRONLY); os.ftruncate(f, 4)"));
        Assert.Equal("EACCES", Attempted("notify", $"open('{folder}/mount/f')"));
        Assert.Equal("EACCES", Attempted("notify", $"os.unlink('{folder}/mount/f')"));
        Assert.Equal("EACCES", Attempted("notify", $"open('{folder}/store/f', 'w')"));
    }

    [Fact]
    public void As_root_it_has_namespaces_of_its_own_and_the_capabilities_of_its_row()
    {
        if (!Environment.IsPrivilegedProcess)
            Assert.Skip("needs root");
        string text = Run("notify", "print(*[os.readlink('/proc/self/ns/' + kind) for kind in ('net', 'ipc', 'uts')], *[line.split()[1] for line in open('/proc/self/status') if line.startswith(('CapBnd', 'CapEff', 'NoNewPrivs', 'Seccomp:'))])", out _);
        string[] words = text.Split(' ');
        Assert.Equal(3, words.Length - 4);
        Assert.Empty(words[..3].Intersect(((string[])["net", "ipc", "uts"]).Select(kind => new FileInfo($"/proc/self/ns/{kind}").LinkTarget)));
        string mask = $"{ServiceTable.Find("notify")!.CapabilityMask:x16}";
        Assert.Equal([mask, mask, "1", "2"], words[3..]);
    }

    [Fact]
    public void Without_the_launcher_it_runs_all_the_same_and_that_is_told()
    {
        HardenedStart start = new(null, Places());
        using Pipe output = Pipe.Create();
        ChildProcess process = start.Start("fs", new SpawnPlan { Program = "/usr/bin/true", Output = output.Writer }, out string? why);
        Assert.Equal(0, process.WaitForExit().Code);
        Assert.Contains("claw-exec is not there", why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_step_that_fails_is_told_and_the_service_runs()
    {
        HardenedStart start = new(ClawExec.Path, Places() with { Store = $"{folder}/gone" });
        ChildProcess process = start.Start("fs", new SpawnPlan { Program = "/usr/bin/true" }, out string? why);
        Assert.Equal(0, process.WaitForExit().Code);
        Assert.Contains("AddPathRule failed with ENOENT", why, StringComparison.Ordinal);
    }

    public void Dispose() => folder.Delete(recursive: true);

    private ServicePlaces Places()
    {
        foreach (string name in (string[])["mount", "store", "anchors", "keys"])
            folder.CreateSubdirectory(name);
        File.WriteAllText($"{folder}/keys/k", "secret");
        return new ServicePlaces($"{folder}/mount", $"{folder}/store", $"{folder}/anchors");
    }

    private string Attempted(string service, string code) =>
        Run(service, $"try:\n    {code}\n    print('done')\nexcept OSError as error:\n    print(errno.errorcode[error.errno])", out _);

    private string Run(string service, string code, out ChildProcess process, Pipe? given = null)
    {
        if (!File.Exists("/usr/bin/python3"))
            Assert.Skip("needs python3: apt-get install python3");
        using Pipe output = Pipe.Create();
        SpawnPlan plan = new() { Program = "/usr/bin/python3", Arguments = ["-ISc", "import errno, os, socket, sys\n" + code, "--mount"], Output = output.Writer };
        plan.Environment["WORD"] = "word";
        if (given is not null)
            plan.Descriptors.Add((given.Reader, 3));
        process = new HardenedStart(ClawExec.Path, Places()).Start(service, plan, out string? unhardened);
        output.Writer.Dispose();
        Assert.Null(unhardened);
        string text = output.ReadToEnd(1 << 16).TrimEnd();
        process.WaitForExit();
        return text;
    }
}
