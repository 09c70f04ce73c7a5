using System.Text.Json.Nodes;
using ClawFS.Linux;
using ClawFS.Search;
using ClawFS.Search.Embedder;
using ClawFS.Store;
using ClawFS.Vfs;
using ClawOS.Cli.Stores;

namespace ClawOS.Cli.Services;

/// <summary>The search index of whatever store is open: begins when it is opened, and has ended before it is closed.</summary>
internal sealed class SearchHost : IDisposable
{
    private readonly FsOptions options;
    private readonly MountedStore mounted;
    private readonly EventBus bus;
    private readonly ulong memory;
    private readonly Action<string> report;
    private readonly EmbedWorkers workers;
    private readonly Lock gate = new();
    private volatile SearchService? service;
    private bool started;

    internal SearchHost(FsOptions options, MountedStore mounted, EventBus bus, ulong memory, Action<string> report)
    {
        this.options = options;
        this.bus = bus;
        this.memory = memory;
        this.report = report;
        this.mounted = mounted;
        workers = new EmbedWorkers((place, network) => AskForWorker(place, network));
    }

    /// <summary>Told of the index of a store that was opened, and of null before it is closed.</summary>
    internal Action<SearchService?> Changed { get; set; } = static _ => { };

    /// <summary>Makes the index of the store that is open, with its standing queries; nothing runs yet.</summary>
    internal void Prepare()
    {
        mounted.Changing = Change;
        Change(mounted.Current);
    }

    /// <summary>Begins. Not before root is given up: what the index makes in the store folder must be fs's own.</summary>
    internal void Start()
    {
        lock (gate)
        {
            started = true;
            service?.Start();
        }
    }

    /// <summary>The index; null while the store is locked.</summary>
    internal SearchService? Current => service;

    /// <summary>Told which embed worker is wanted: its place, and null for none or whether it may use the network.</summary>
    internal Action<int, bool?> AskForWorker { get; set; } = static (_, _) => { };

    /// <summary>Counts the kernel's requests.</summary>
    internal Func<long> Requests { get; set; } = static () => 0;

    /// <summary>Takes the channel to a new embed worker.</summary>
    internal void AttachEmbed(int place, SeqPacketSocket channel) => workers.Attach(place, channel);

    /// <summary>sys/ctl's "search": query, options.</summary>
    internal async Task<JsonObject> AnswerAsync(JsonObject request)
    {
        SearchService asked = service ?? throw new ClawFS.Trees.ControlException(ExitCodes.WrongKey, "the store is locked; claw unlock opens it");
        string query = request["query"]?.GetValue<string>() ?? "";
        string wanted = request["options"]?.GetValue<string>() ?? "";
        foreach (string part in wanted.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (new SearchOptions().With(part) is null)
            {
                throw new ClawFS.Trees.ControlException(ExitCodes.Usage, $"'{part}': options are k=1..{SearchOptions.MaxCount}, ef=0..10000 and mode=hybrid|rrf|words|vectors");
            }
        }

        SearchOptions how = SearchOptions.Parse(wanted);
        if (asked.Preparing(query, how) is { } preparing)
        {
            await preparing;
        }

        SearchAnswer answer = asked.Search(query, how);
        return new JsonObject
        {
            ["hits"] = new JsonArray([.. answer.Hits.Select(static hit => (JsonNode)ToJson(hit))]),
            ["notes"] = new JsonArray([.. answer.Notes.Select(static note => (JsonNode)note)]),
        };
    }

    public void Dispose() => Change(null);

    private static JsonObject ToJson(SearchHit hit) => new()
    {
        ["rank"] = hit.Rank,
        ["score"] = Math.Round(hit.Score, 4),
        ["path"] = hit.Path,
        ["lines"] = hit.Lines,
        ["heading"] = hit.Heading,
        ["snippet"] = hit.Snippet.Text,
        ["marks"] = new JsonArray([.. hit.Snippet.Marks.Select(static mark => (JsonNode)new JsonArray(mark.Start, mark.End))]),
        ["sha256"] = hit.Sha256,
    };

    private SearchService Make(ClawStore store)
    {
        SearchService? made = null;
        return made = new SearchService(store.Tree, memory, options.ReadOnly, bus, workers, report)
        {
            Requests = () => Requests(),
            // Not on the thread that asked for it: it serves the mount, and the index has work to end.
            Switched = () => Task.Run(() => Again(made)),
        };
    }

    private void Again(SearchService? ended)
    {
        lock (gate)
        {
            if (service == ended)
            {
                Change(mounted.Current);
            }
        }
    }

    private void Change(ClawStore? store)
    {
        lock (gate)
        {
            if (service is { } ended)
            {
                Changed(null);
                ended.Dispose();
            }
            service = store is null ? null : Make(store);
            if (service is { } begun)
            {
                Changed(begun);
                if (started)
                {
                    begun.Start();
                }
            }
        }
    }
}
