using System.Text;
using ClawFS.Crypto;
using ClawFS.Linux;
using ClawFS.Search.Index;
using ClawFS.Store;
using ClawFS.Vfs;

namespace ClawFS.Search.Tests.Index;

/// <summary>A store in a folder of its own with an index; the index is closed and opened again as tests want it.</summary>
internal sealed class IndexedStore : IDisposable
{
    private static readonly byte[] s_memory = "memory"u8.ToArray();
    private readonly string _folder = Directory.CreateTempSubdirectory("claw-search-test-").FullName;
    private readonly SecretKey _key = SecretKey.Random();
    private readonly Guid _id = Guid.NewGuid();
    private readonly EventBus _bus = new();
    private readonly ClawStore _store;
    private readonly ulong _top;
    private bool _isOpen;

    internal IndexedStore(ulong quota = 0)
    {
        ClawStore.Create(_folder, _key, _id, quota);
        _store = ClawStore.Open(_folder, _key, _id, new StoreOptions { Events = _bus });
        Ok(Tree.MkDir(new Program(), StoredTree.RootFolder, s_memory, 0x1C0, out Entry entry));
        _top = entry.Node;
        Open();
    }

    internal StoredTree Tree => _store.Tree;

    internal SearchService Service { get; private set; } = null!;

    /// <summary>When numbers are given anew.</summary>
    internal Renumbering Renumbering { get; set; } = new();

    internal List<string> Reports { get; } = [];

    internal static CancellationToken Cancel => TestContext.Current.CancellationToken;

    internal void Open()
    {
        Service = new SearchService(Tree, _top, false, _bus, new ClawFS.Search.Embedder.EmbedWorkers(static (_, _) => { }), line =>
        {
            lock (Reports)
                Reports.Add(line);
        })
        {
            Renumbering = Renumbering,
        };
        Service.Start();
        _isOpen = true;
    }

    internal void Close()
    {
        if (_isOpen)
            Service.Dispose();
        _isOpen = false;
    }

    /// <summary>What the log says, in a state of its own.</summary>
    internal IndexState LoadLog()
    {
        IndexState state = new();
        new RecordLog(Tree, LogWriter.FileName, LogWriter.Magic).Load((kind, _, record) => IndexRecords.Apply((RecordKind)kind, record, state), Cancel);
        state.Publish();
        return state;
    }

    internal void Write(string name, string text)
    {
        Program program = new();
        Ok(Tree.Create(program, _top, Encoding.UTF8.GetBytes(name), 0x180, 1, out Entry entry, out OpenReply reply));
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Errno written = Tree.Write(program, entry.Node, reply.Handle, 0, bytes, false, false, out _);
        Tree.Release(program, entry.Node, reply.Handle, 1);
        Tree.Forget(entry.Node, 1);
        Ok(written);
    }

    internal void Delete(string name) => Ok(Tree.Unlink(new Program(), _top, Encoding.UTF8.GetBytes(name)));

    /// <summary>Waits until the status is as wanted.</summary>
    internal IndexStatus Until(Func<IndexStatus, bool> satisfied, string what)
    {
        long end = Environment.TickCount64 + 60_000;
        while (true)
        {
            IndexStatus now = Service.Status;
            if (satisfied(now))
                return now;
            Assert.True(Environment.TickCount64 < end, $"{what}: {now}; {string.Join("; ", Reports)}; {(Environment.TickCount64 < end ? "" : Threads())}");
            Assert.False(Cancel.WaitHandle.WaitOne(10), "cancelled");
        }
    }

    /// <summary>Which threads of the store run, and which wait: name, state and ticks of the processor, twice.</summary>
    private static string Threads()
    {
        string first = Look();
        Thread.Sleep(500);
        return $"{first} then {Look()}";

        static string Look() => string.Join(", ", Directory.GetDirectories("/proc/self/task").Select(static task =>
        {
            string stat = File.ReadAllText($"{task}/stat");
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return $"{File.ReadAllText($"{task}/comm").Trim()} {fields[0]} {fields[11]}+{fields[12]}";
        }).Where(static line => line.StartsWith("index ", StringComparison.Ordinal) || line.StartsWith("claw", StringComparison.Ordinal) || line.Contains(" R ", StringComparison.Ordinal)));
    }

    /// <summary>Waits until all is searchable, embedded by this generation, and the store has it.</summary>
    internal IndexStatus UntilSaved(int generation, int files)
    {
        IndexStatus status = Until(now => now.State == "ready" && now.Files == files && now.Waiting == 0 && now.Embedder.EndsWith($"generation {generation}", StringComparison.Ordinal) && now.Embedded == now.Chunks, $"generation {generation} of {files} files");
        Until(_ => GenerationFiles.Current(Tree) == generation && !HiddenFile.Exists(Tree, GenerationFiles.Log(generation - 1)), "saved");
        return status;
    }

    /// <summary>The nearest files of a question, with scores.</summary>
    internal (string Path, double Score)[] Near(string question, int count = 20) =>
        [.. Service.Search(question, new SearchOptions(count, RankingMode.Vectors, 400)).Hits.Select(static hit => (hit.Path, Math.Round(hit.Score, 4)))];

    public void Dispose()
    {
        Close();
        _store.Dispose();
        _bus.Dispose();
        _key.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static void Ok(Errno error) => Assert.Equal(Errno.Ok, error);

    /// <summary>What a program asks, of which the store tells.</summary>
    private sealed class Program : Request
    {
        public override ParkedRequest Park() => throw new NotSupportedException();
    }
}
