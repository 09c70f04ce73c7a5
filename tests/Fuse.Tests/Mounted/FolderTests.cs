using System.Diagnostics;
using ClawFS.Fuse;
using ClawFS.Vfs;
using Fuse.Tests.Memory;

namespace Fuse.Tests.Mounted;

/// <summary>Folders that the kernel opens and lists by itself, and the same on a mount where it opens them by requests.</summary>
public sealed class FolderTests
{
    private const int Listings = 50;

    public static TheoryData<FuseFeatures> BothWays => [FuseFeatures.None, FuseFeatures.NoOpenDirSupport];

    [Fact]
    public void The_first_folder_is_the_only_one_that_is_opened_by_a_request_and_a_listing_is_read_once()
    {
        using ServedMount mount = ServedMount.Start(_ => new MemoryTree());
        SkipWhereFoldersAreOpened(mount);
        mount.Must($"mkdir $M/a $M/a/b; touch $M/a/x; for i in $(seq {Listings}); do ls $M $M/a $M/a/b > /dev/null; done");
        Dictionary<FuseOpcode, long> counts = Counts(mount);
        Assert.Equal(1, counts[FuseOpcode.OpenDir]);
        Assert.False(counts.ContainsKey(FuseOpcode.ReleaseDir));

        // Three folders, each read to its end once: a page of entries and then none. It is more when somebody has the kernel drop its caches meanwhile.
        Assert.InRange(Reads(counts), 6, 3 * Listings / 2);
        Assert.Empty(mount.Bugs);
    }

    [Fact]
    public void Where_that_is_not_agreed_on_every_folder_is_opened_and_closed_by_requests()
    {
        using ServedMount mount = ServedMount.Start(_ => new MemoryTree(), new FuseOptions { Without = FuseFeatures.NoOpenDirSupport });
        mount.Must($"for i in $(seq {Listings}); do ls $M > /dev/null; done");
        Assert.True(mount.Unmount());
        Dictionary<FuseOpcode, long> counts = Counts(mount);
        Assert.Equal(Listings, counts[FuseOpcode.OpenDir]);
        Assert.Equal(Listings, counts[FuseOpcode.ReleaseDir]);
    }

    [Theory]
    [MemberData(nameof(BothWays))]
    public void What_programs_make_move_and_remove_shows_in_the_next_listing(FuseFeatures without)
    {
        using ServedMount mount = ServedMount.Start(_ => new MemoryTree(), new FuseOptions { Without = without });
        string output = mount.Must("""
            mkdir $M/d $M/e; cd $M/d; show() { echo $(ls) / $(ls ../e); }
            show; touch a b; show; mv a c; show; mv b ../e; show; rm c; show; ln ../e/b l; show; mkdir s; mv s ../e/b2; show; rm -r ../e; ls ..; show 2>/dev/null || true
            """);
        Assert.Equal("/\na b /\nb c /\nc / b\n/ b\nl / b\nl / b b2\nd\nl /", output);
    }

    [Theory]
    [MemberData(nameof(BothWays))]
    public void A_generated_folder_shows_at_once_what_is_there_now(FuseFeatures without)
    {
        Words words = new();
        using ServedMount mount = ServedMount.Start(kernel => Table(kernel, new MemoryTree(), new GeneratedFolder().Add("words", words)), new FuseOptions { Without = without });
        foreach (string[] names in (string[][])[["a"], ["a", "b"], [], ["c"], ["b", "c"], ["b"]])
        {
            words.Names = names;
            Assert.Equal(string.Join('\n', names), mount.Must("ls $M/words"));
            Assert.Equal(string.Join('\n', names), mount.Must("ls $M/words"));
        }
    }

    [Theory]
    [MemberData(nameof(BothWays))]
    public void A_program_that_keeps_a_generated_folder_open_and_rewinds_it_sees_what_is_there_then(FuseFeatures without)
    {
        Words words = new() { Names = ["a"] };
        using ServedMount mount = ServedMount.Start(kernel => Table(kernel, new MemoryTree(), new GeneratedFolder().Add("words", words)), new FuseOptions { Without = without });
        Assert.SkipUnless(mount.Run("command -v python3").Code == 0, "python3 is not installed.");
        // By readdir(3) alone: Python's own listing asks for the attributes first, and the kernel would have the mtime from that.
        using Process reader = mount.StartShell("""
            exec python3 -c 'if True:
                import ctypes, itertools, sys
                libc = ctypes.CDLL(None)
                libc.opendir.restype = libc.readdir.restype = ctypes.c_void_p
                folder = ctypes.c_void_p(libc.opendir((sys.argv[1] + "/words").encode()))
                for line in itertools.chain([""], sys.stdin):
                    libc.rewinddir(folder)
                    names = [ctypes.string_at(entry + 19).decode() for entry in iter(lambda: libc.readdir(folder), None)]
                    print(" ".join(sorted(set(names) - {".", ".."})), flush=True)' "$M"
            """);
        Assert.Equal("a", reader.StandardOutput.ReadLine());
        foreach (string[] names in (string[][])[["a", "b"], ["b"], ["b"], ["c"], []])
        {
            words.Names = names;
            reader.StandardInput.WriteLine();
            Assert.Equal(string.Join(' ', names), reader.StandardOutput.ReadLine());
        }
        reader.StandardInput.Close();
        reader.WaitForExit();
    }

    [Fact]
    public void A_generated_folder_that_has_not_changed_is_listed_from_the_kernels_cache()
    {
        Words words = new() { Names = ["a", "b"] };
        using ServedMount mount = ServedMount.Start(kernel => Table(kernel, new MemoryTree(), new GeneratedFolder().Add("words", words)));
        SkipWhereFoldersAreOpened(mount);
        mount.Must("ls $M $M/words > /dev/null");
        long before = Reads(Counts(mount));
        mount.Must($"for i in $(seq {Listings}); do ls $M $M/words > /dev/null; done");
        Assert.InRange(Reads(Counts(mount)) - before, 0, Listings / 2);
        words.Names = ["c"];
        Assert.Equal("c", mount.Must("ls $M/words"));
    }

    [Theory]
    [MemberData(nameof(BothWays))]
    public void What_is_added_to_and_taken_from_a_folder_of_fixed_children_shows_as_soon_as_the_kernel_has_heard_of_it(FuseFeatures without)
    {
        GeneratedFolder root = new();
        using ServedMount mount = ServedMount.Start(kernel => Table(kernel, new MemoryTree(), root), new FuseOptions { Without = without });
        Assert.Equal("memory", mount.Must("ls $M"));
        root.Add("status", GeneratedFile.OfText(static () => "fine\n"));
        WaitForKernel(mount);
        Assert.Equal("memory\nstatus", mount.Must("ls $M"));
        root.Remove("status");
        WaitForKernel(mount);
        Assert.Equal("memory", mount.Must("ls $M"));
    }

    [Theory]
    [MemberData(nameof(BothWays))]
    public void Generated_children_of_a_stored_folder_show_among_its_files_as_they_come_and_go(FuseFeatures without)
    {
        MemoryTree stored = new();
        MountTable table = null!;
        ulong memory = 0;
        using ServedMount mount = ServedMount.Start(kernel => table = Table(kernel, stored, new GeneratedFolder(), node => memory = node), new FuseOptions { Without = without });
        Assert.Equal("file", mount.Must("touch $M/memory/file; ls $M/memory"));
        for (int i = 0; i < 20; i++)
        {
            table.AddBelowStored(memory, "status", GeneratedFile.OfText(static () => "fine\n"));
            WaitForKernel(mount);
            Assert.Equal("file\nstatus", mount.Must("ls $M/memory"));
            Assert.True(table.RemoveBelowStored(memory, "status"));
            WaitForKernel(mount);
            Assert.Equal("file", mount.Must("ls $M/memory"));
        }
        Assert.Equal("other", mount.Must("mv $M/memory/file $M/memory/other; ls $M/memory"));
    }

    [Theory]
    [MemberData(nameof(BothWays))]
    public void A_removed_folder_that_is_a_programs_own_lists_nothing(FuseFeatures without)
    {
        using ServedMount mount = ServedMount.Start(_ => new MemoryTree(), new FuseOptions { Without = without });
        Assert.Equal("", mount.Must("mkdir $M/d; touch $M/d/x; cd $M/d; ls > /dev/null; rm -r $M/d; ls -a"));
    }

    private static void SkipWhereFoldersAreOpened(ServedMount mount) =>
        Assert.SkipUnless(mount.Connection.Negotiated.Result.FoldersNeedNoOpen, "This kernel opens folders by requests (before Linux 6.16).");

    /// <summary>Everything that was queued for the kernel has been told when this has.</summary>
    private static void WaitForKernel(ServedMount mount)
    {
        using ManualResetEventSlim told = new();
        mount.Connection.Cache.WriteBack(Vfs.RootNode, told.Set);
        Assert.True(told.Wait(TimeSpan.FromSeconds(20)));
    }

    private static MountTable Table(KernelCache kernel, MemoryTree stored, GeneratedFolder root, Action<ulong>? memory = null)
    {
        ulong top = stored.AddTop();
        memory?.Invoke(top);
        return new MountTable(root.AddStored("memory", top), stored, 0, 0) { Kernel = kernel };
    }

    private static long Reads(Dictionary<FuseOpcode, long> counts) =>
        counts.GetValueOrDefault(FuseOpcode.ReadDir) + counts.GetValueOrDefault(FuseOpcode.ReadDirPlus);

    private static Dictionary<FuseOpcode, long> Counts(ServedMount mount) =>
        mount.Connection.Statistics.Snapshot().ToDictionary(static o => o.Opcode, static o => o.Count);

    /// <summary>Lists what it is told to.</summary>
    private sealed class Words : GeneratedFolder
    {
        public string[] Names { get; set; } = [];

        protected override bool IsVolatile => true;

        protected override GeneratedNode? FindDynamic(Request request, ReadOnlySpan<byte> name) => GeneratedFile.OfText(static () => "");

        protected override IEnumerable<(string Name, uint Mode)> ListDynamic() => Names.Select(static name => (name, ClawFS.Vfs.FileMode.Regular));
    }
}
