using ClawFS.Linux;
using ClawOS.Security.Guard;
using ClawOS.Security.GuardLink;

namespace Guard.Tests;

/// <summary>Sandboxes that guard starts have a /claw, and a launch socket in it where their policy wants one.</summary>
public sealed class ViewLaunchTests
{
    private const string Remembering = """
        [paths]
        read = ["/usr/**", "/bin/**", "/lib/**", "/lib64/**", "/etc/ld.so.cache", "/dev/null", "$WORKSPACE/**", "/claw/memory/a/**"]
        execute = ["/usr/**", "/bin/**", "/lib/**", "/lib64/**"]
        """;

    [Fact]
    public void A_sandbox_that_guard_starts_has_what_its_policy_grants_of_the_mount()
    {
        using GuardBed bed = Filled(("p.toml", Remembering));
        using Shell shell = new();
        using SeqPacketSocket client = bed.Ask(bed.Order("/bin/sh"), shell.Streams);
        shell.HandOver();
        Assert.NotNull(GuardBed.Reply(client).Run);
        Assert.Equal("of a", shell.Ask("cat /claw/memory/a/file"));
        Assert.Equal("no", shell.Can("cat /claw/memory/b/file"));
        OpenViewFrame view = Assert.Single(bed.Views);
        Assert.Equal([new ViewGrant("memory/a", GrantAccess.Read, IsFolder: true)], view.Grants);
        Assert.False(view.HasLaunch);
        shell.Ask("echo; exit");
        Assert.Equal("exited", GuardBed.Reply(client).Reason);
        GuardBed.Until(() => bed.Views.Length == 0, "the view to be closed");
    }

    [Fact]
    public void A_view_that_fs_does_not_open_is_no_start()
    {
        using GuardBed bed = Filled(("p.toml", Remembering));
        bed.ViewErrno = (uint)Errno.ENOSPC;
        using Shell shell = new();
        using SeqPacketSocket client = bed.Ask(bed.Order("/bin/true"), shell.Streams);
        Assert.Contains("ENOSPC", GuardBed.Reply(client).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Grants_whose_paths_are_more_than_a_message_are_refused_and_guard_lives_on()
    {
        string deep = string.Join('/', Enumerable.Repeat(new string('d', 250), 6));
        string[] places = [.. Enumerable.Range(0, 50).Select(i => $"/claw/memory/{deep}/{i}")];
        using GuardBed bed = Filled(("p.toml", Remembering.Replace("\"/claw/memory/a/**\"", string.Join(", ", places.Select(static place => $"\"{place}/**\"")), StringComparison.Ordinal)), ("q.toml", Remembering));
        Array.ForEach(places, place => Directory.CreateDirectory(bed.Mount + place["/claw".Length..]));
        using Shell shell = new();
        using SeqPacketSocket client = bed.Ask(bed.Order("/bin/true"), shell.Streams);
        Assert.Contains("bytes together", GuardBed.Reply(client).Error, StringComparison.Ordinal);
        using SeqPacketSocket next = bed.Ask(bed.Order("/bin/true") with { Policy = "q" }, shell.Streams);
        Assert.NotNull(GuardBed.Reply(next).Run);
    }

    [Fact]
    public void A_new_fs_is_told_of_the_views_of_sandboxes_that_run()
    {
        using GuardBed bed = Filled(("p.toml", Remembering));
        using Shell shell = new();
        using SeqPacketSocket client = bed.Ask(bed.Order("/bin/sh"), shell.Streams);
        shell.HandOver();
        Assert.NotNull(GuardBed.Reply(client).Run);
        string id = Assert.Single(bed.Views).Id;
        bed.ReplaceFs();
        GuardBed.Until(() => bed.Views.Count(view => view.Id == id) == 2, "the view to be opened again");
    }

    [Theory]
    [InlineData(null, "with a descriptor of the working folder comes its absolute path")]
    [InlineData("relative", "with a descriptor of the working folder comes its absolute path")]
    [InlineData("/tmp", "is not the folder that came along")]
    [InlineData("/no/such", "is not the folder that came along")]
    [InlineData("/etc/hostname", "is not the folder that came along")]
    [InlineData("/claw/../etc", "is not the folder that came along")]
    public void A_working_folder_that_is_not_the_clients_is_refused(string? folder, string reason)
    {
        using GuardBed bed = Filled(("p.toml", GuardBed.Writing));
        using Shell shell = new();
        using FileDescriptor own = ControlFolder.Lock(bed.Workspace);
        using SeqPacketSocket client = bed.Ask(bed.Order("/bin/true") with { Folder = folder }, [.. shell.Streams, own]);
        Assert.Contains(reason, GuardBed.Reply(client).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_working_folder_that_is_the_clients_is_taken_and_what_is_no_folder_is_not()
    {
        using GuardBed bed = Filled(("p.toml", Remembering));
        foreach (string folder in (string[])[bed.Workspace, "/claw/memory/a"])
        {
            using Shell shell = new();
            using FileDescriptor own = ControlFolder.Lock(folder == bed.Workspace ? folder : Path.Combine(bed.Mount, "memory/a"));
            using SeqPacketSocket client = bed.Ask(bed.Order("/bin/sh") with { Folder = folder }, [.. shell.Streams, own]);
            shell.HandOver();
            Assert.NotNull(GuardBed.Reply(client).Run);
            Assert.Equal(folder, shell.Ask("pwd"));
        }

        using Shell other = new();
        using SeqPacketSocket refused = bed.Ask(bed.Order("/bin/sh"), [.. other.Streams, other.Streams[0]]);
        Assert.Contains("is not the folder that came along", GuardBed.Reply(refused).Error, StringComparison.Ordinal);
    }

    private static GuardBed Filled(params (string Name, string Text)[] files)
    {
        GuardBed bed = new(files);
        foreach (string name in (string[])["a", "b"])
        {
            Directory.CreateDirectory(Path.Combine(bed.Mount, "memory", name));
            File.WriteAllText(Path.Combine(bed.Mount, "memory", name, "file"), $"of {name}\n");
        }

        return bed;
    }
}
