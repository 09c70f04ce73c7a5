using ClawFS.Store.Rows;

namespace ClawFS.Store.Tests.Faults;

/// <summary>
/// What a power loss leaves of a recorded disk: all that was synced, and of the rest each write, size and name by chance, a write also
/// torn at 512 bytes. What survives need not be what came first.
/// </summary>
internal sealed class DiskImage
{
    private const int Sector = 512;

    private readonly Dictionary<int, List<DiskEvent>> cached = [];
    private readonly Dictionary<int, List<DiskEvent>> doomed = [];
    private readonly Dictionary<int, byte[]> contents = [];
    private readonly Dictionary<string, List<DiskEvent>> cachedNames = new() { ["log"] = [], ["seg"] = [] };
    private readonly Dictionary<(string Folder, string Name), int> names = [];
    private readonly Random random;
    private DiskEvent rows = new(DiskAction.Rows);

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
                Of(doomed, happened.File).AddRange(Of(cached, happened.File));
                Of(cached, happened.File).Clear();
                break;
            case DiskAction.Rows:
                rows = happened;
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
        foreach (List<DiskEvent> writes in doomed.Values.Concat(cached.Values))
        {
            foreach (DiskEvent write in writes.Where(_ => random.NextDouble() < chance))
                ApplyContent(write.Action == DiskAction.Write && random.Next(3) == 0 ? Tear(write) : write);
        }
        foreach (DiskEvent name in cachedNames.Values.SelectMany(static n => n).Where(_ => random.NextDouble() < chance))
            Apply(name);
        var files = new ScratchFolder();
        foreach (string folder in cachedNames.Keys)
            Directory.CreateDirectory(files.File(folder));
        foreach (((string folder, string name), int file) in names)
            File.WriteAllBytes(files.File(Path.Combine(folder, name)), contents.GetValueOrDefault(file, []));
        File.WriteAllBytes(files.File(SqliteRows.FileName), rows.Data);
        File.WriteAllBytes(files.File(SqliteRows.FileName + "-wal"), rows.Wal);
        return files;
    }

    /// <summary>Keeps some of the sectors: the others are left as they are by writing nothing there, which needs the bytes before.</summary>
    private DiskEvent Tear(DiskEvent write)
    {
        byte[] torn = [.. write.Data];
        byte[] before = contents.GetValueOrDefault(write.File, []);
        for (long at = 0; at < torn.Length; at = ((write.Offset + at) / Sector + 1) * Sector - write.Offset)
        {
            if (random.Next(2) == 0)
                continue;
            int length = (int)Math.Min(torn.Length - at, ((write.Offset + at) / Sector + 1) * Sector - write.Offset - at);
            Span<byte> sector = torn.AsSpan((int)at, length);
            sector.Clear();
            int known = (int)Math.Clamp(before.Length - write.Offset - at, 0, length);
            before.AsSpan((int)Math.Min(before.Length, write.Offset + at), known).CopyTo(sector);
        }
        return write with { Data = torn };
    }

    private void ApplyContent(DiskEvent write)
    {
        byte[] bytes = contents.GetValueOrDefault(write.File, []);
        switch (write.Action)
        {
            case DiskAction.Write:
                if (bytes.Length < write.Offset + write.Data.Length)
                    Array.Resize(ref bytes, (int)write.Offset + write.Data.Length);
                write.Data.CopyTo(bytes, write.Offset);
                break;
            case DiskAction.Truncate:
                Array.Resize(ref bytes, (int)write.Length);
                break;
            default:
                long start = Math.Min(bytes.Length, write.Offset);
                bytes.AsSpan((int)start, (int)Math.Min(bytes.Length - start, write.Length)).Clear();
                break;
        }
        contents[write.File] = bytes;
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
