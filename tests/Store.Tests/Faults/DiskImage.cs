namespace ClawFS.Store.Tests.Faults;

/// <summary>
/// What a power loss leaves of a recorded disk: all that was synced, and of the rest each write, size and name by chance, a write also
/// torn at 512 bytes. What survives need not be what came first.
/// </summary>
internal sealed class DiskImage
{
    private const int Sector = 512;

    private readonly Dictionary<int, List<DiskEvent>> cached = [];
    private readonly Dictionary<int, MemoryStream> contents = [];
    private readonly Dictionary<string, List<DiskEvent>> cachedNames = new() { [""] = [], ["log"] = [], ["seg"] = [] };
    private readonly Dictionary<(string Folder, string Name), int> names = [];
    private readonly Random random;

    private DiskImage(Random random) => this.random = random;

    /// <summary>Builds the files of a crash after the first <paramref name="count"/> events.</summary>
    public static ScratchFolder Build(ReadOnlySpan<DiskEvent> events, int count, Random random)
    {
        var image = new DiskImage(random);
        foreach (DiskEvent happened in events[..count])
            image.Take(happened);
        return image.Lose();
    }

    private void Take(DiskEvent happened)
    {
        switch (happened.Action)
        {
            case DiskAction.Create or DiskAction.Rename or DiskAction.Delete:
                cachedNames[happened.Folder].Add(happened);
                break;
            case DiskAction.SyncFolder:
                cachedNames[happened.Folder].ForEach(Apply);
                cachedNames[happened.Folder].Clear();
                break;
            case DiskAction.Sync:
                foreach (DiskEvent write in Of(cached, happened.File))
                    ApplyContent(write);
                Of(cached, happened.File).Clear();
                break;
            case DiskAction.FailedSync:
                // The kernel takes these pages for clean now: whether they are on the disk is decided here, and nobody will try again.
                Survive(Of(cached, happened.File), random.NextDouble());
                Of(cached, happened.File).Clear();
                break;
            default:
                Of(cached, happened.File).Add(happened);
                break;
        }
    }

    private ScratchFolder Lose()
    {
        // Sometimes nearly all of the cache has reached the disk, sometimes nearly nothing.
        double chance = random.NextDouble();
        foreach (List<DiskEvent> writes in cached.Values)
            Survive(writes, chance);
        foreach (DiskEvent name in cachedNames.Values.SelectMany(static n => n).Where(_ => random.NextDouble() < chance))
            Apply(name);
        var files = new ScratchFolder();
        foreach (string folder in cachedNames.Keys)
            Directory.CreateDirectory(files.File(folder));
        foreach (((string folder, string name), int file) in names)
            File.WriteAllBytes(files.File(Path.Combine(folder, name)), Content(file));
        return files;
    }

    private void Survive(List<DiskEvent> writes, double chance)
    {
        foreach (DiskEvent write in writes.Where(_ => random.NextDouble() < chance))
            ApplyContent(write.Action == DiskAction.Write && random.Next(3) == 0 ? Tear(write) : write);
    }

    /// <summary>Keeps some of the sectors: the others are left as they are by writing nothing there, which needs the bytes before.</summary>
    private DiskEvent Tear(DiskEvent write)
    {
        byte[] torn = [.. write.Data];
        ReadOnlySpan<byte> before = Content(write.File);
        for (long at = 0; at < torn.Length; at = ((write.Offset + at) / Sector + 1) * Sector - write.Offset)
        {
            if (random.Next(2) == 0)
                continue;
            int length = (int)Math.Min(torn.Length - at, ((write.Offset + at) / Sector + 1) * Sector - write.Offset - at);
            Span<byte> sector = torn.AsSpan((int)at, length);
            sector.Clear();
            int known = (int)Math.Clamp(before.Length - write.Offset - at, 0, length);
            before.Slice((int)Math.Min(before.Length, write.Offset + at), known).CopyTo(sector);
        }
        return write with { Data = torn };
    }

    private ReadOnlySpan<byte> Content(int file) => contents.TryGetValue(file, out MemoryStream? bytes) ? bytes.GetBuffer().AsSpan(0, (int)bytes.Length) : [];

    private void ApplyContent(DiskEvent write)
    {
        if (!contents.TryGetValue(write.File, out MemoryStream? bytes))
            contents.Add(write.File, bytes = new MemoryStream());
        switch (write.Action)
        {
            case DiskAction.Write:
                bytes.Position = write.Offset;
                bytes.Write(write.Data);
                break;
            case DiskAction.Truncate:
                bytes.SetLength(write.Length);
                break;
            default:
                long start = Math.Min(bytes.Length, write.Offset);
                bytes.GetBuffer().AsSpan((int)start, (int)Math.Min(bytes.Length - start, write.Length)).Clear();
                break;
        }
    }

    private void Apply(DiskEvent change)
    {
        switch (change.Action)
        {
            case DiskAction.Create:
                names[(change.Folder, change.Name)] = change.File;
                break;
            case DiskAction.Delete:
                names.Remove((change.Folder, change.Name));
                break;
            default:
                if (names.Remove((change.Folder, change.Name), out int file))
                    names[(change.Folder, change.NewName)] = file;
                break;
        }
    }

    private static List<DiskEvent> Of(Dictionary<int, List<DiskEvent>> lists, int file)
    {
        if (!lists.TryGetValue(file, out List<DiskEvent>? list))
            lists.Add(file, list = []);
        return list;
    }
}
