using ClawFS.Crypto;
using ClawFS.Linux;

namespace ClawFS.Store.Tests.Ops;

/// <summary>A store in a folder of its own, with a user of its tree. What the store reports is kept.</summary>
internal sealed class StoreFixture : IDisposable
{
    private readonly ScratchFolder? scratch;
    private readonly SecretKey key;

    public StoreFixture(ulong quota = 0, string? path = null, int cachedInodes = 50_000, long? cleaningSlack = null, long? mostExcess = null)
    {
        MostExcess = mostExcess ?? MostExcess;
        CleaningSlack = cleaningSlack ?? CleaningSlack;
        scratch = path is null ? new ScratchFolder() : null;
        Path = path ?? scratch!.Path;
        key = SecretKey.Random();
        Id = Guid.NewGuid();
        CachedInodes = cachedInodes;
        ClawStore.Create(Path, key, Id, quota);
        Store = Open();
    }

    private StoreFixture(string path, SecretKey key, Guid id)
    {
        this.key = key;
        Path = path;
        Id = id;
        Store = Open(readOnly: true);
    }

    private StoreFixture(ScratchFolder scratch, SecretKey key, Guid id, bool open, Guid? boot)
    {
        this.scratch = scratch;
        this.key = key;
        Path = scratch.Path;
        Id = id;
        Boot = boot;
        Store = open ? Open() : null!;
    }

    public string Path { get; }
    public Guid Id { get; }
    public ClawStore Store { get; private set; }
    public List<string> Reports { get; } = [];
    public int CachedInodes { get; init; } = 50_000;
    public long CleaningSlack { get; set; } = 4 << 20;
    public long MostExcess { get; set; } = 96 << 20;
    /// <summary>Boot id to pretend; null = the real one.</summary>
    public Guid? Boot { get; set; }
    /// <summary>What the store folder is opened with.</summary>
    public Func<string, Folder> OpenFolder { get; set; } = Folder.Open;
    /// <summary>Whether it is opened under the mount of a dead process.</summary>
    public bool LiveMount { get; set; }
    /// <summary>How long the background check rests after opening, and how much it reads a second.</summary>
    public TimeSpan ScrubRest { get; set; } = TimeSpan.FromHours(1);
    public long ScrubPace { get; set; } = 1 << 20;
    public Vfs.FsEventSink Events { get; init; } = Vfs.FsEventSink.None;
    public StoredTree Tree => Store.Tree;
    public TreeUser User => new(Tree);
    public string File(params string[] names) => System.IO.Path.Combine([Path, .. names]);

    /// <summary>Closes in order, does something to the files, and opens again.</summary>
    public void Reopen(Action? between = null, bool readOnly = false)
    {
        Store.Close();
        between?.Invoke();
        Store = Open(readOnly);
    }

    /// <summary>The files as a kill would leave them now, in another folder; opened unless told otherwise.</summary>
    public StoreFixture Copy(bool open = true, Guid? boot = null)
    {
        var copy = new ScratchFolder();
        using (Store.Checkpoints.Pause())
        {
            CopyFiles(Path, copy.Path);
        }
        return new StoreFixture(copy, SecretKeyCopy(), Id, open, boot);
    }

    /// <summary>Opens the files of a copy that was left closed.</summary>
    public void OpenNow(bool readOnly = false) => Store = Open(readOnly);

    /// <summary>A copy of the files somewhere else, opened without changing it.</summary>
    public StoreFixture ReadOnlyAt(string path) => new(path, SecretKeyCopy(), Id);

    /// <summary>The same store with other files, which are removed at the end; opened unless told otherwise.</summary>
    public StoreFixture WithFiles(ScratchFolder files, Guid? boot = null, bool open = true) => new(files, SecretKeyCopy(), Id, open, boot);

    private SecretKey SecretKeyCopy()
    {
        Span<byte> bytes = stackalloc byte[SecretKey.Size];
        key.CopyTo(bytes);
        return SecretKey.From(bytes);
    }

    private ClawStore Open(bool readOnly = false) => ClawStore.Open(Path, key, Id, new StoreOptions
    {
        CachedInodes = CachedInodes,
        CleaningSlack = CleaningSlack,
            MostExcess = MostExcess,
        ReadOnly = readOnly,
        Boot = Boot,
        OpenFolder = OpenFolder,
        LiveMount = LiveMount,
        ScrubRest = ScrubRest,
        ScrubPace = ScrubPace,
        Events = Events,
        Report = line =>
        {
            lock (Reports)
            {
                Reports.Add(line);
            }
        },
    });

    private static void CopyFiles(string from, string to)
    {
        // log before seg: what a record names is then in the copy, also when the cleaner works meanwhile.
        foreach (string folder in Directory.GetDirectories(from).Order(StringComparer.Ordinal))
        {
            string target = System.IO.Path.Combine(to, System.IO.Path.GetFileName(folder));
            Directory.CreateDirectory(target);
            CopyFiles(folder, target);
        }
        // The lock is a lock of the process and no content; .NET refuses to open it.
        foreach (string file in Directory.GetFiles(from).Where(static f => System.IO.Path.GetFileName(f) != "lock"))
        {
            System.IO.File.Copy(file, System.IO.Path.Combine(to, System.IO.Path.GetFileName(file)));
        }
    }

    public void Dispose()
    {
        Store?.Dispose();
        key.Dispose();
        scratch?.Dispose();
    }
}
