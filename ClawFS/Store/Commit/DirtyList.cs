using ClawFS.Store.Maps;
using ClawFS.Store.Objects;
using ClawFS.Store.Rows;

namespace ClawFS.Store.Commit;

/// <summary>
/// Which objects the next checkpoint must save. A checkpoint freezes one generation and saves it while changes of the next go on: whoever
/// touches an object that is still to be saved saves it first (copy on write), so nobody waits for the checkpoint.
/// </summary>
internal sealed class DirtyList
{
    private readonly Lock guard = new();
    private List<StoredObject> dirty = [];
    private long generation = 1;
    private RowBatch? saving;
    private readonly SpanWriter scratch = new(4096);

    /// <summary>Objects waiting for the next checkpoint.</summary>
    public int Count
    {
        get
        {
            lock (guard)
            {
                return dirty.Count;
            }
        }
    }

    /// <summary>Must be called before an object changes. Precondition: the gate is passed and the object's lock is held.</summary>
    public void Touch(StoredObject item)
    {
        long now = Volatile.Read(ref generation);
        if (item.DirtyGeneration == now)
        {
            return;
        }
        lock (guard)
        {
            SaveLocked(item);
            item.DirtyGeneration = now;
            dirty.Add(item);
        }
    }

    /// <summary>Starts a checkpoint: the objects to save, their generation, and where <see cref="Save"/> puts them. Precondition: the gate is held alone.</summary>
    public List<StoredObject> Freeze(RowBatch into, out long frozen)
    {
        lock (guard)
        {
            List<StoredObject> items = dirty;
            dirty = [];
            frozen = generation;
            Volatile.Write(ref generation, generation + 1);
            saving = into;
            return items;
        }
    }

    /// <summary>Saves an object of the frozen generation unless <see cref="Touch"/> has done so.</summary>
    public void Save(StoredObject item, long frozen)
    {
        lock (item)
        {
            if (item.DirtyGeneration == frozen)
            {
                lock (guard)
                {
                    SaveLocked(item);
                }
            }
        }
    }

    /// <summary>The batch is complete.</summary>
    public void Thaw()
    {
        lock (guard)
        {
            saving = null;
        }
    }

    private void SaveLocked(StoredObject item)
    {
        if (item.DirtyGeneration == 0)
        {
            return;
        }
        item.Snapshot(saving ?? throw new InvalidOperationException("an object of a past generation has no checkpoint"), scratch);
        Volatile.Write(ref item.SavedGeneration, item.DirtyGeneration);
        Volatile.Write(ref item.DirtyGeneration, 0);
    }
}
