using ClawFS.Linux;
using ClawFS.Store;
using ClawFS.Trees;

namespace ClawOS.Cli.Services;

/// <summary>
/// Keeps `events` in two hidden files of the store, encrypted like everything else. A locked, full or read-only store takes no lines: the log
/// counts what it lost.
/// </summary>
internal sealed class StoredEvents(MountedStore mounted) : EventLogStorage
{
    private const string CurrentName = "events", ArchiveName = "events.1";

    private readonly Lock guard = new();
    private ClawStore? owner;
    private HiddenFile? current;
    private HiddenFile? archive;

    public override long Length => Ask(static files => files.current!.Length);

    public override long ArchiveLength => Ask(static files => files.archive!.Length);

    public override Errno Append(ReadOnlySpan<byte> lines)
    {
        try
        {
            if (Files() is not { } files)
            {
                return Errno.ENOKEY;
            }
            files.current!.Append(lines);
            return Errno.Ok;
        }
        catch (StoreException e)
        {
            // The store has its own way to tell (health, sys/errors); the log counts the loss.
            return e.Error;
        }
    }

    public override bool TryRotate()
    {
        try
        {
            if (Files() is not { } files)
            {
                return false;
            }
            files.current!.Rotate(ArchiveName);
            lock (guard)
            {
                archive = new HiddenFile(owner!.Tree, ArchiveName);
            }
            return true;
        }
        catch (StoreException)
        {
            // As in Append: it is tried again with the next lines.
            return false;
        }
    }

    public override Errno Read(long offset, Span<byte> buffer, out int count) => Read(Files()?.current, offset, buffer, out count);

    public override Errno ReadArchive(long offset, Span<byte> buffer, out int count) => Read(Files()?.archive, offset, buffer, out count);

    private static Errno Read(HiddenFile? file, long offset, Span<byte> buffer, out int count)
    {
        count = 0;
        try
        {
            count = file?.Read(offset, buffer) ?? 0;
            return file is null ? Errno.ENOKEY : Errno.Ok;
        }
        catch (StoreException e)
        {
            return e.Error;
        }
    }

    private long Ask(Func<(HiddenFile? current, HiddenFile? archive), long> question)
    {
        try
        {
            return Files() is { } files ? question(files) : 0;
        }
        catch (StoreException)
        {
            // Locked between the two calls, or damaged: the reader of the file gets the error itself.
            return 0;
        }
    }

    /// <summary>The two files of the store that is open now; null while it is locked, or read-only without them.</summary>
    private (HiddenFile? current, HiddenFile? archive)? Files()
    {
        if (mounted.Current is not { } store)
        {
            return null;
        }
        lock (guard)
        {
            if (owner != store)
            {
                current = new HiddenFile(store.Tree, CurrentName);
                archive = new HiddenFile(store.Tree, ArchiveName);
                owner = store;
            }
            return (current, archive);
        }
    }
}
