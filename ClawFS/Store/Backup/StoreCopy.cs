using System.Globalization;
using ClawFS.Linux;
using ClawFS.Store.Rows;

namespace ClawFS.Store;

/// <summary>What a copy did.</summary>
/// <param name="CopiedBytes">Bytes written to the target.</param>
/// <param name="ReusedSegments">Segments that were there from an earlier backup.</param>
/// <param name="CopiedSegments">Segments copied now.</param>
public readonly record struct StoreCopyResult(long CopiedBytes, int ReusedSegments, int CopiedSegments);

/// <summary>
/// Copies the files of a store: ciphertext only, no key needed. The target stays a whole older backup until the last rename and is a whole new one after it.
/// </summary>
public static class StoreCopy
{
    private const string Keys = "claw.keys", Rows = "claw.db", Segments = "seg", Log = "log", Unfinished = ".new";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Copies a store into a backup folder, reusing what an earlier backup of the same store left there.</summary>
    /// <param name="store">The store folder; a mounted store must be held (<see cref="ClawStore.HoldForBackup"/>), another one closed.</param>
    /// <param name="storeId">Its id.</param>
    /// <param name="target">The backup folder: missing, empty, or an earlier backup.</param>
    /// <param name="sealedSegments">Segments that never change again.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <exception cref="StoreException">EEXIST: the target is something else. ENOSPC, EIO.</exception>
    /// <exception cref="IOException">A disk refused.</exception>
    public static StoreCopyResult Run(string store, Guid storeId, string target, IReadOnlyCollection<ulong> sealedSegments, Action<string> progress)
    {
        BackupManifest? earlier = BackupManifest.TryRead(target);
        if (earlier is not null && earlier.Store != storeId)
        {
            throw new StoreException(Errno.EEXIST, $"{target} is a backup of another store ({earlier.Store}); name another folder");
        }
        if (earlier is null && Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any(static e => !e.EndsWith(Unfinished, StringComparison.Ordinal) && Path.GetFileName(e) is not (Segments or Log)))
        {
            throw new StoreException(Errno.EEXIST, $"{target} is not empty and is no backup; name another folder");
        }
        foreach (string folder in (ReadOnlySpan<string>)[target, Path.Combine(target, Segments), Path.Combine(target, Log)])
        {
            Directory.CreateDirectory(folder, OwnerOnly);
        }
        string rows = Path.Combine(target, Rows + Unfinished);
        File.Delete(rows);
        RowsCopy.Run(Path.Combine(store, Rows), rows, (done, all) => progress(string.Create(CultureInfo.InvariantCulture, $"rows: {done} of {all} pages")));
        long bytes = new FileInfo(rows).Length;
        string[] before = Directory.GetFiles(Path.Combine(target, Segments));
        List<string> names = [.. Directory.GetFiles(Path.Combine(store, Segments)).Select(static path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
        int reused;
        try
        {
            bytes += CopySegments(store, target, names, earlier, progress, out reused);
            bytes += CopyFile(Path.Combine(store, Keys), Path.Combine(target, Keys));
        }
        catch
        {
            // What the earlier backup does not know would be strays in it.
            File.Delete(rows);
            foreach (string stray in Directory.GetFiles(Path.Combine(target, Segments)).Except(before, StringComparer.Ordinal))
            {
                File.Delete(stray);
            }
            throw;
        }
        foreach (string rest in (ReadOnlySpan<string>)["-wal", "-shm"])
        {
            File.Delete(rows + rest);
        }
        using Folder made = Folder.Open(target);
        made.Sync();
        File.Move(rows, Path.Combine(target, Rows), overwrite: true);
        made.Sync();
        foreach (string old in Directory.GetFiles(Path.Combine(target, Segments)).Where(path => !names.Contains(Path.GetFileName(path))))
        {
            File.Delete(old);
        }
        new BackupManifest(storeId, DateTimeOffset.UtcNow, sealedSegments.ToHashSet()).Write(target);
        made.Sync();
        return new(bytes, reused, names.Count - reused);
    }

    private static long CopySegments(string store, string target, List<string> names, BackupManifest? earlier, Action<string> progress, out int reused)
    {
        long bytes = 0;
        reused = 0;
        for (int i = 0; i < names.Count; i++)
        {
            string from = Path.Combine(store, Segments, names[i]);
            string to = Path.Combine(target, Segments, names[i]);
            progress(string.Create(CultureInfo.InvariantCulture, $"segments: {i} of {names.Count}"));
            if (IsKnown(earlier, names[i]) && File.Exists(to) && new FileInfo(to).Length == new FileInfo(from).Length)
            {
                reused++;
                continue;
            }
            bytes += CopyFile(from, to);
        }
        return bytes;
    }

    private static bool IsKnown(BackupManifest? earlier, string name) =>
        earlier is not null && ulong.TryParse(name, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong id) && earlier.Sealed.Contains(id);

    /// <summary>Copies under another name, makes it durable, then renames: a name in the target is always a whole file.</summary>
    private static long CopyFile(string from, string to)
    {
        var options = new FileStreamOptions
        {
            Mode = System.IO.FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        long length;
        using (var source = new FileStream(from, System.IO.FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete))
        using (var target = new FileStream(to + Unfinished, options))
        {
            source.CopyTo(target);
            target.Flush(flushToDisk: true);
            length = target.Length;
        }
        File.Move(to + Unfinished, to, overwrite: true);
        return length;
    }
}
