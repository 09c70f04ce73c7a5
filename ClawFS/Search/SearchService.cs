using System.Runtime.CompilerServices;
using System.Text;
using ClawFS.Linux;
using ClawFS.Search.Embedder;
using ClawFS.Search.Index;
using ClawFS.Search.Lexical;
using ClawFS.Search.Query;
using ClawFS.Search.Saved;
using ClawFS.Store;
using ClawFS.Vfs;

namespace ClawFS.Search;

/// <summary>
/// The index of one open store, and who asks it. A thread of its own keeps it up; searches run on the caller's thread, take no lock and do not wait for it.
/// Dispose it before the store is closed.
/// </summary>
public sealed class SearchService : IDisposable
{
    /// <summary>Milliseconds without a change after which what is put off is done: compaction, a log that wants to be written anew.</summary>
    private const int IdleMilliseconds = 1000;

    /// <summary>Milliseconds between two looks at what the embedder has done.</summary>
    private const int EmbeddingPause = 5;

    /// <summary>How long a question waits for its vector.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(1500);

    private const string Off = "off", Ready = "ready";

    private readonly ulong memory;
    private readonly bool isReadOnly;
    private readonly Action<string> report;
    private readonly ChangeQueue queue = new();
    private readonly FolderMap folders = new();
    private readonly ChangeWatch watch;
    private readonly CancellationTokenSource stopping = new();
    private readonly Thread thread;
    private readonly Lock gate = new();
    private readonly HashSet<ulong> toWalk = [];
    private readonly VectorSide vectors;
    private readonly StandingSearch standing;

    // Each vector is waited for once: whoever asks the same while it is late goes on without it, too.
    private readonly ConditionalWeakTable<Task, Task> waits = [];
    private volatile IndexState state = new();
    private volatile string phase = "loading";
    private volatile string? trouble;
    private LogWriter? log;
    private long version = 1;

    /// <summary>Makes the index of a store; it is empty until <see cref="Start"/>.</summary>
    /// <param name="stored">The store.</param>
    /// <param name="memory">Inode of memory/, whose files are indexed.</param>
    /// <param name="isReadOnly">Whether nothing can be saved.</param>
    /// <param name="bus">Where the store tells of changes.</param>
    /// <param name="workers">Where the processes of other embedders come from.</param>
    /// <param name="report">Told what goes wrong, a line each.</param>
    public SearchService(StoredTree stored, ulong memory, bool isReadOnly, EventBus bus, EmbedWorkers workers, Action<string> report)
    {
        Stored = stored;
        this.memory = memory;
        this.isReadOnly = isReadOnly;
        this.report = report;
        vectors = new VectorSide(stored, isReadOnly, () => Settings, new EmbedderChoice(workers, report), report, stopping.Token);
        watch = new ChangeWatch(bus, queue, folders, AskForWalk);
        Saved = new SavedQueries(LoadSaved(), content => ReplacedFile.Save(stored, SavedFile.FileName, content), Ask);
        standing = new StandingSearch(Saved, () => Version, question => Preparing(question.Query, question.Options), bus, report, stopping.Token);
        thread = new Thread(Run) { IsBackground = true, Name = "index" };
    }

    /// <summary>The store it is about.</summary>
    public StoredTree Stored { get; }

    /// <summary>Another number whenever the index is another one.</summary>
    public long Version => Interlocked.Read(ref version);

    /// <summary>When numbers are given anew; sooner in tests.</summary>
    internal Renumbering Renumbering { private get; init; } = new();

    /// <summary>Requests that the kernel has made of the mount so far: while they are many, what nobody waits for pauses.</summary>
    public Func<long> Requests { private get; init; } = static () => 0;

    /// <summary>Told when the index was switched on or off: this service does neither, another one in its place does.</summary>
    public Action Switched { private get; init; } = static () => { };

    /// <summary>The standing queries of the store.</summary>
    internal SavedQueries Saved { get; }

    /// <summary>One more than the greatest number of a passage.</summary>
    internal uint ChunkCount => state.Chunks.Count;

    /// <summary>The vectors that searches use, held for the caller, who releases them; null while there are none.</summary>
    internal Generation? HoldGeneration() => vectors.Hold();

    /// <summary>How the index is made.</summary>
    public IndexSettings Settings { get; private set; } = new();

    /// <summary>How far the index is.</summary>
    public IndexStatus Status
    {
        get
        {
            IndexState now = state;
            Generation? generation = vectors.Hold();
            try
            {
                return new IndexStatus
                {
                    State = phase,
                    Files = now.FileCount,
                    Skipped = now.SkippedCount,
                    Chunks = now.Chunks.Live,
                    Terms = now.Terms.Count,
                    Waiting = queue.Count,
                    Embedder = generation is null ? vectors.IsLoading ? "loading" : "none" : $"{generation.Model.Name} {generation.Dimensions} generation {generation.Number}",
                    Embedded = generation?.Count ?? 0,
                    Next = vectors.Next,
                    Percent = vectors.Percent,
                    Fits = vectors.Fits,
                    MemoryBytes = now.Words.MemoryBytes + now.Terms.MemoryBytes + now.TermBytes + (generation?.MemoryBytes ?? 0),
                    StoredBytes = (log?.Length ?? 0) + (generation?.StoredBytes ?? 0),
                    Trouble = trouble is { } words && vectors.Trouble is { } others ? $"{words}; {others}" : trouble ?? vectors.Trouble,
                };
            }
            finally
            {
                generation?.Release();
            }
        }
    }

    /// <summary>The files that are not searchable, with the reason.</summary>
    public IEnumerable<(string Path, string Reason)> Skipped =>
        state.Files.Where(static file => file.Skipped is not null).Select(file => (PathOf(file.Inode), file.Skipped!)).Where(static file => file.Item1.Length > 0);

    /// <summary>Begins to load, to compare with the files, and to follow changes.</summary>
    public void Start()
    {
        thread.Start();
        if (!isReadOnly)
        {
            standing.Start();
        }
    }

    /// <summary>Answers a question.</summary>
    /// <param name="query">As typed; see the search README for filters.</param>
    /// <param name="options">How.</param>
    public SearchAnswer Search(string query, SearchOptions options)
    {
        SearchQuery parsed = QueryParser.Parse(query);
        List<string> notes = [];
        if (parsed.IsEmpty)
        {
            return new SearchAnswer([], ["nothing is asked: write words into query, or look up a folder of that name"]);
        }
        if (phase == Off)
        {
            return new SearchAnswer([], ["nothing is indexed; claw index set index=on, or index=on in sys/index/params, switches the index on"]);
        }
        if (phase != Ready)
        {
            notes.Add($"the index is not complete ({phase}); see sys/index/status");
        }
        IndexState now = state;
        Searcher searcher = new(Stored, now, folders, memory, inode => queue.Add(inode, Environment.TickCount64));
        Generation? generation = vectors.Hold();
        try
        {
            Ranker ranker = new(now, generation?.View ?? vectors.Warming, options, Settings.EfSearch, Settings.Trust);
            IReadOnlyList<SearchHit> hits = searcher.Search(parsed, options, ranker);
            if (ranker.Trouble is { } missing)
            {
                notes.Add(missing);
            }
            return new SearchAnswer(hits, notes);
        }
        finally
        {
            generation?.Release();
        }
    }

    /// <summary>
    /// What a question waits for before <see cref="Search"/>: its vector, where that comes from another process, but no longer than <see cref="Patience"/>. A vector that comes later
    /// makes the answer another one, so that whoever asks again gets it.
    /// </summary>
    /// <returns>A task that ends in any case and never faults; null: there is nothing to wait for.</returns>
    public Task? Preparing(string query, SearchOptions options)
    {
        if (options.Mode == RankingMode.Words)
        {
            return null;
        }
        Generation? generation = vectors.Hold();
        try
        {
            if ((generation?.Model ?? vectors.Warming?.Model) is not { ReadsText: true } model || QueryParser.Parse(query).Text is not { Length: > 0 } text)
            {
                return null;
            }
            Task vector = model.EmbedQuery(text, QueryTerms.None, CancellationToken.None).AsTask();
            Task waiting = vector.IsCompleted ? vector : waits.GetValue(vector, WaitAsync);
            return waiting.IsCompleted ? null : waiting;
        }
        finally
        {
            generation?.Release();
        }
    }

    private async Task WaitAsync(Task vector)
    {
        if (await Task.WhenAny(vector, Task.Delay(Patience)).ConfigureAwait(false) != vector)
        {
            _ = vector.ContinueWith(_ => Interlocked.Increment(ref version), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
        }
    }

    /// <summary>Takes other settings.</summary>
    /// <returns>Null, or why not.</returns>
    public Rejection? Change(IndexSettings settings)
    {
        try
        {
            StoredSettings.Save(Stored, settings);
        }
        catch (StoreException refused)
        {
            return new Rejection(refused.Message, 0, refused.Error);
        }
        bool isSwitched = settings.IsOff != Settings.IsOff;
        Settings = settings;
        if (isSwitched)
        {
            Switched();
        }
        queue.Added.Set();
        return null;
    }

    /// <summary>Waits until every file that had changed before the call is searchable.</summary>
    /// <param name="limit">How long.</param>
    /// <returns>False: it takes longer, or nothing is indexed.</returns>
    public bool WaitUntilCaughtUp(TimeSpan limit)
    {
        long end = Environment.TickCount64 + (long)limit.TotalMilliseconds;
        while (phase != Ready || queue.Count > 0)
        {
            if (phase == Off || Environment.TickCount64 >= end || stopping.Token.WaitHandle.WaitOne(5))
            {
                return false;
            }
        }
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        watch.Dispose();
        stopping.Cancel();
        queue.Added.Set();
        if (!thread.ThreadState.HasFlag(ThreadState.Unstarted))
        {
            thread.Join();
        }
        standing.Join();
        vectors.Dispose();
        stopping.Dispose();
    }

    private Asked Ask(SavedQuestion question)
    {
        bool isComplete = phase == Ready;
        long before = Version;
        return new Asked(Search(question.Query, question.Options), before, DateTime.UtcNow, isComplete);
    }

    private byte[]? LoadSaved()
    {
        try
        {
            return ReplacedFile.Load(Stored, SavedFile.FileName, SavedFile.MaxBytes);
        }
        catch (StoreException damaged)
        {
            report($"the standing queries cannot be read: {damaged.Message}");
            return [];
        }
    }

    private void AskForWalk(ulong folder)
    {
        lock (gate)
        {
            toWalk.Add(folder == 0 ? memory : folder);
        }
        queue.Added.Set();
    }

    private void Run()
    {
        try
        {
            Settings = StoredSettings.Load(Stored);
            if (Settings.IsOff)
            {
                watch.Dispose();
                queue.Clear();
                phase = Off;
                return;
            }
            Courtesy courtesy = new(Requests, stopping.Token);
            Load(courtesy);
            // From here on whoever writes files is served first; the index has what is left, and a share in any case.
            BackgroundThread.Enter();
            AskForWalk(0);
            Follow(courtesy);
        }
        catch (OperationCanceledException)
        {
            // Dispose: the store is about to be closed.
        }
        catch (StoreException e)
        {
            phase = "stopped";
            trouble = e.Message;
            report($"the search index has stopped: {e.Message}");
        }
    }

    private void Load(Courtesy courtesy)
    {
        if (isReadOnly && !HiddenFile.Exists(Stored, LogWriter.FileName))
        {
            return;
        }
        RecordLog file = new(Stored, LogWriter.FileName, LogWriter.Magic);
        IndexState loaded = new();
        try
        {
            file.Load((kind, _, record) => Replay((RecordKind)kind, record, loaded, courtesy), stopping.Token);
            if (!isReadOnly)
            {
                file.Cut(file.Length);
            }
        }
        catch (InvalidDataException wrong)
        {
            report($"the search index is made anew from the files: {wrong.Message}");
            loaded = new();
            if (!isReadOnly)
            {
                file.Restart();
            }
        }
        loaded.Publish();
        state = loaded;
        if (!isReadOnly)
        {
            log = new LogWriter(file, line => trouble = line);
            log.Loaded(loaded);
        }
        vectors.Open(loaded);
        Interlocked.Increment(ref version);
    }

    private static void Replay(RecordKind kind, RecordReader record, IndexState into, Courtesy courtesy)
    {
        courtesy.Wait();
        IndexRecords.Apply(kind, record, into);
        if (into.Gathered > 1 << 15)
        {
            into.Publish();
        }
    }

    private void Follow(Courtesy courtesy)
    {
        while (true)
        {
            FollowUntilRenumbered(courtesy);
        }
    }

    private void FollowUntilRenumbered(Courtesy courtesy)
    {
        IndexState followed = state;
        IndexFeed feed = new(Stored, followed, queue, log, () => Settings);
        followed.ChunkChanged = vectors.ChunkChanged;
        bool isIdle = false;
        while (!TryRenumber(followed, isIdle))
        {
            stopping.Token.ThrowIfCancellationRequested();
            while (NextWalk() is { } folder)
            {
                phase = folder == memory ? "reading" : phase;
                feed.Walk(folder, folder == memory, folders, courtesy, stopping.Token);
            }
            bool changed = feed.Step(out long wait);
            changed |= vectors.Step(followed, isIdle: wait < 0);
            if (changed)
            {
                Interlocked.Increment(ref version);
                standing.Notice();
            }
            RewriteLog(followed, isIdle);
            isIdle = false;
            if (wait == 0)
            {
                continue;
            }
            if (queue.Count == 0 && phase != Ready)
            {
                phase = Ready;
                standing.Notice();
            }
            int pause = vectors.IsBusy || vectors.IsLoading ? EmbeddingPause : IdleMilliseconds;
            isIdle = !queue.Added.WaitOne(wait < 0 ? pause : (int)Math.Min(wait, pause)) && wait < 0 && pause == IdleMilliseconds;
            if (isIdle)
            {
                Tidy();
            }
        }
    }

    /// <summary>What is put off until nothing else is to do.</summary>
    private void Tidy()
    {
        while (!stopping.IsCancellationRequested && queue.Count == 0 && (state.Words.CompactStep() | vectors.Repair()))
        {
        }
    }

    /// <summary>Where files never rest, the log is written anew all the same, once it is twice as long as it may become otherwise.</summary>
    private void RewriteLog(IndexState followed, bool isIdle)
    {
        if (log is not null && log.WantsRewrite(followed, isIdle ? 1 : 2))
        {
            log.TryRewrite(followed);
        }
    }

    /// <summary>Gives the numbers of what is gone back, where that is much. Searches of the next seconds are by words.</summary>
    private bool TryRenumber(IndexState followed, bool isIdle)
    {
        if (isReadOnly || !Renumbering.IsDue(followed, isIdle) || !vectors.TryForget())
        {
            return false;
        }
        IndexState made = Index.Renumbering.Make(followed, stopping.Token);
        // The log speaks of the old numbers: without room for another one, records of the new ones must not follow it.
        if (log is not null && !log.TryRewrite(made))
        {
            log.FallBehind();
        }
        state = made;
        Interlocked.Increment(ref version);
        standing.Notice();
        return true;
    }

    private ulong? NextWalk()
    {
        lock (gate)
        {
            if (toWalk.Count == 0)
            {
                return null;
            }
            ulong folder = toWalk.First();
            toWalk.Remove(folder);
            return folder;
        }
    }

    private string PathOf(ulong inode) => Stored.TryGetPath(inode, out byte[] path) ? Encoding.UTF8.GetString(path) : "";
}
