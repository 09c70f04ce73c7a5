using ClawFS.Crypto;
using ClawFS.Linux;

namespace ClawFS.Store.Log;

/// <summary>
/// The sealed redo log of the store: every change is a record here before it is answered. <see cref="Append"/> writes (the record then outlives the process),
/// <see cref="Sync"/> makes durable. A process never appends to a file of an earlier one: after <see cref="Replay"/> it starts a new file under a
/// fresh salt. Safe for use by several threads.
/// </summary>
/// <remarks>Lock order: maintenance (rotation, dropping, spare file), then syncing, then gate (append).</remarks>
internal sealed partial class Journal : IDisposable
{
    private readonly Lock maintenance = new();
    private readonly Lock syncing = new();
    private readonly Lock gate = new();
    private readonly Folder folder;
    private readonly SecretKey journalKey;
    private readonly Guid store;
    private readonly Guid boot;
    private readonly bool readOnly;
    private readonly SortedList<ulong, long> older = [];
    private JournalFile? current;
    private long olderBytes;
    private long retiredBytes;
    private ulong retired;
    private bool unsynced;
    private bool newNames;
    private StoreException? lost;

    private Journal(Folder folder, SecretKey journalKey, Guid store, Guid boot, bool readOnly)
    {
        this.folder = folder;
        this.journalKey = journalKey;
        this.store = store;
        this.boot = boot;
        this.readOnly = readOnly;
    }

    /// <summary>Bytes of records that a replay may have to apply: the measure for the next checkpoint. Retired files do not count.</summary>
    public long Bytes
    {
        get
        {
            lock (gate)
                return olderBytes - retiredBytes + (current?.End ?? 0);
        }
    }

    /// <summary>The sequence at which the oldest file begins; 0 when there is none.</summary>
    public ulong FirstSequence => older.Count > 0 ? older.Keys[0] : 0;

    /// <summary>The sequence the next record gets; 0 before <see cref="Start"/>.</summary>
    public ulong NextSequence
    {
        get
        {
            lock (gate)
                return current?.Next ?? 0;
        }
    }

    /// <summary>Before <see cref="Start"/>: whether there are files of records before a sequence, which an orderly end leaves none of.</summary>
    public bool HoldsBefore(ulong sequence) => older.Count > 0 && older.Keys[0] < sequence;

    /// <summary>Opens the folder log/ and reads its names. Records can be replayed; appending needs <see cref="Start"/>.</summary>
    /// <param name="folder">Disposed with the journal.</param>
    /// <param name="journalKey">Must outlive the journal.</param>
    /// <param name="store">Id of the store.</param>
    /// <param name="boot">Id of this boot, kept in new files.</param>
    /// <param name="readOnly">Nothing is written; <see cref="Start"/> is refused.</param>
    public static Journal Open(Folder folder, SecretKey journalKey, Guid store, Guid boot, bool readOnly = false)
    {
        var journal = new Journal(folder, journalKey, store, boot, readOnly);
        foreach (ulong first in Guarded(() => ListFiles(folder)))
            journal.older.Add(first, 0);
        return journal;
    }

    /// <summary>Begins a new file. Files that begin at <paramref name="next"/> or later go: replay has found no record in them.</summary>
    /// <param name="next">What <see cref="ReplayResult.Next"/> said; 1 for a new store.</param>
    /// <exception cref="StoreException">EROFS, ENOSPC, EIO.</exception>
    public void Start(ulong next)
    {
        ArgumentOutOfRangeException.ThrowIfZero(next);
        if (readOnly)
            throw new StoreException(Errno.EROFS, "the journal is open read-only");
        lock (maintenance)
        lock (gate)
        {
            while (older.Count > 0 && older.Keys[^1] >= next)
            {
                ulong empty = older.Keys[^1];
                Guarded(() => folder.Delete(JournalFile.NameOf(empty)));
                olderBytes -= older.Values[^1];
                older.RemoveAt(older.Count - 1);
            }
            current = Guarded(() => JournalFile.Create(folder, new(store, next, boot), journalKey));
            newNames = true;
        }
        MakeSpare();
    }

    /// <summary>Seals and writes one record whose payload is <paramref name="a"/> followed by <paramref name="b"/>. Allocates nothing in steady state.</summary>
    /// <param name="kind">For the replay handler.</param>
    /// <param name="a">First part of the payload.</param>
    /// <param name="b">Second part; both together at most 1 MiB.</param>
    /// <param name="reclaiming">The change frees space: it may use the reserve of a full disk.</param>
    /// <returns>The sequence of the record: one more than the last.</returns>
    /// <exception cref="StoreException">ENOSPC, EDQUOT, EIO: there is no such record, and the next one takes its sequence and place.</exception>
    public ulong Append(byte kind, ReadOnlySpan<byte> a, ReadOnlySpan<byte> b = default, bool reclaiming = false)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(a.Length + b.Length, JournalRecord.MaxPayload, nameof(a));
        lock (gate)
        {
            JournalFile file = current ?? throw new InvalidOperationException("the journal is not started");
            try
            {
                file.Append(kind, a, b, reclaiming);
            }
            catch (LinuxException e)
            {
                throw StoreException.From(e);
            }
            unsynced = true;
            return file.Next - 1;
        }
    }

    /// <summary>Makes every record durable whose <see cref="Append"/> has returned before the call.</summary>
    /// <exception cref="StoreException">
    /// The disk refused. The kernel may have dropped the pages and answers the next fdatasync with success, so this and every later call fail
    /// until the store is opened again.
    /// </exception>
    public void Sync()
    {
        lock (syncing)
        {
            bool records, names;
            JournalFile? file;
            lock (gate)
            {
                (records, names, file) = (unsynced, newNames, current);
                unsynced = newNames = false;
            }
            if (lost is not null)
                throw new StoreException(lost.Error, lost.Message, lost);
            try
            {
                if (records || names)
                    file?.Sync();
                if (names)
                    folder.Sync();
            }
            catch (LinuxException e)
            {
                lost = StoreException.From(e);
                throw lost;
            }
        }
    }

    /// <summary>
    /// Syncs and starts a new file: records before the returned sequence lie in files that <see cref="DropBefore"/> can delete. All of the old file is
    /// durable before the new one exists, so that power loss never leaves a gap.
    /// </summary>
    /// <returns>First sequence of the new file. If the current file is empty it stays, and its first sequence is returned.</returns>
    /// <exception cref="StoreException">ENOSPC, EIO: the current file stays in use.</exception>
    public ulong Rotate()
    {
        lock (maintenance)
        {
            Sync();
            lock (syncing)
            lock (gate)
            {
                JournalFile old = current ?? throw new InvalidOperationException("the journal is not started");
                if (old.Next == old.First)
                    return old.First;
                if (unsynced)
                    SyncLast(old);
                unsynced = false;
                JournalFile next = Guarded(() => JournalFile.Create(folder, new(store, old.Next, boot), journalKey));
                older.Add(old.First, old.End);
                olderBytes += old.End;
                current = next;
                newNames = true;
                old.Dispose();
                return next.First;
            }
        }
    }

    /// <summary>
    /// The rows hold everything before <paramref name="sequence"/>. Its files are kept until the next call all the same: what a request had done must be known
    /// until its answer is out, and a checkpoint can come between the two.
    /// </summary>
    public void Retire(ulong sequence)
    {
        DropBefore(retired);
        lock (gate)
        {
            retired = sequence;
            retiredBytes = 0;
            for (int i = 0; i < older.Count; i++)
            {
                ulong? next = i + 1 < older.Count ? older.Keys[i + 1] : current?.First;
                retiredBytes += next <= sequence ? older.Values[i] : 0;
            }
        }
    }

    /// <summary>Deletes the files that hold only records before <paramref name="sequence"/>, and makes the next file ahead.</summary>
    public void DropBefore(ulong sequence)
    {
        lock (maintenance)
        {
            while (true)
            {
                ulong first;
                lock (gate)
                {
                    ulong? next = older.Count > 1 ? older.Keys[1] : current?.First;
                    if (older.Count == 0 || next is null || next > sequence)
                        break;
                    first = older.Keys[0];
                }
                Guarded(() => folder.Delete(JournalFile.NameOf(first)));
                lock (gate)
                {
                    olderBytes -= older.Values[0];
                    retiredBytes = Math.Max(0, retiredBytes - older.Values[0]);
                    older.RemoveAt(0);
                }
            }
            MakeSpare();
        }
    }

    /// <summary>Closes without syncing.</summary>
    public void Dispose()
    {
        current?.Dispose();
        current = null;
        folder.Dispose();
    }

    /// <summary>Has the next file ready before it is needed. A full disk is no failure yet: the rotation tries again.</summary>
    private void MakeSpare()
    {
        try
        {
            JournalFile.MakeSpare(folder);
        }
        catch (LinuxException e) when (e.Error is Errno.ENOSPC or Errno.EDQUOT)
        {
            return;
        }
        catch (LinuxException e)
        {
            throw StoreException.From(e);
        }
    }

    /// <summary>A failure counts like one of <see cref="Sync"/>: the next fdatasync may succeed without the records.</summary>
    private void SyncLast(JournalFile file)
    {
        try
        {
            file.Sync();
        }
        catch (LinuxException e)
        {
            lost = StoreException.From(e);
            throw lost;
        }
    }

    private static T Guarded<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (LinuxException e)
        {
            throw StoreException.From(e);
        }
    }
}
