using ClawFS.Linux;
using ClawFS.Store;

namespace ClawFS.Search.Index;

/// <summary>
/// Decides when what changed of the vectors is saved, and has it done beside the index's thread. A generation counts in the store once all of it has been saved; then the files of the one before go.
/// </summary>
internal sealed class VectorSaving(StoredTree tree, CancellationToken stop) : IDisposable
{
    /// <summary>Milliseconds between two saves while there is much to do, and between two tries when the store refuses.</summary>
    private const int Often = 5000, Rest = 10_000;

    private readonly List<Retired> retired = [];
    private Task work = Task.CompletedTask;
    private volatile string? trouble;
    private long next;
    private int counting;

    /// <summary>Why the store does not have the vectors; null when it does, or will soon.</summary>
    public string? Trouble => trouble;

    /// <summary>The store has refused something.</summary>
    public void Refused(string reason)
    {
        trouble = $"the vectors are not saved: {reason}";
        Volatile.Write(ref next, Environment.TickCount64 + Rest);
    }

    /// <summary>The generation that counts in the store.</summary>
    public void IsCurrent(int number) => counting = number;

    /// <summary>A generation in whose place another one comes: its files go when the other counts and nobody searches it.</summary>
    /// <param name="number">Which.</param>
    /// <param name="held">It; null when it could not even be loaded.</param>
    public void Retire(int number, Generation? held) => retired.Add(new(number, held));

    /// <summary>Begins a save if it is time for one. By the index's thread.</summary>
    /// <param name="generation">The one in use.</param>
    /// <param name="isIdle">Whether nothing else is to do.</param>
    public void Step(Generation generation, bool isIdle)
    {
        if (generation.Writer is not { } writer || !work.IsCompleted || stop.IsCancellationRequested)
        {
            return;
        }
        work.GetAwaiter().GetResult();
        retired.RemoveAll(static old => old.IsDeleted);
        bool refused = trouble is not null && Environment.TickCount64 < Volatile.Read(ref next);
        if (refused || !TryFlush(generation) || !(isIdle || Environment.TickCount64 >= next))
        {
            return;
        }
        Retired[] gone = [.. retired.Where(static old => old.Held is null or { IsReleased: true })];
        bool isDue = writer.IsDue || counting != generation.Number || gone.Length > 0;
        if (isDue && generation.TryHold())
        {
            next = Environment.TickCount64 + Often;
            work = Task.Factory.StartNew(() => Save(generation, writer, gone), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
    }

    /// <summary>
    /// Saves what changed since the last time, if the store has the rest, and makes a generation count that was taken a moment ago: vectors may have cost money. By the index's thread, at its end.
    /// </summary>
    public void SaveLast(Generation generation)
    {
        bool isNew = counting != generation.Number;
        if (generation.Writer is not { IsWhole: true } writer || !(writer.IsDue || isNew) || trouble is not null || !TryFlush(generation))
        {
            return;
        }
        try
        {
            if (writer.IsDue)
            {
                writer.Save(CancellationToken.None);
            }
            if (isNew)
            {
                GenerationFiles.Switch(tree, generation.Number);
                counting = generation.Number;
            }
        }
        catch (StoreException refused)
        {
            Refused(refused.Message);
        }
    }

    /// <summary>Waits until nothing is saved any more.</summary>
    public void Dispose() => work.Wait(CancellationToken.None);

    private bool TryFlush(Generation generation)
    {
        try
        {
            generation.Rows.Flush();
            return true;
        }
        catch (StoreException refused)
        {
            Refused(refused.Message);
            return false;
        }
    }

    private void Save(Generation generation, GenerationWriter writer, Retired[] gone)
    {
        BackgroundThread.Enter();
        try
        {
            if (writer.IsDue)
            {
                writer.Save(stop);
            }
            if (counting != generation.Number)
            {
                GenerationFiles.Switch(tree, generation.Number);
                counting = generation.Number;
            }
            foreach (Retired old in gone)
            {
                GenerationFiles.Delete(tree, old.Number);
                old.IsDeleted = true;
            }
            trouble = null;
        }
        catch (StoreException refused)
        {
            Refused(refused.Message);
        }
        catch (OperationCanceledException)
        {
            // The store is about to be closed; what was saved before counts.
        }
        finally
        {
            generation.Release();
        }
    }

    /// <summary>A generation whose files may go.</summary>
    private sealed class Retired(int number, Generation? held)
    {
        public int Number => number;

        public Generation? Held => held;

        public bool IsDeleted { get; set; }
    }
}
