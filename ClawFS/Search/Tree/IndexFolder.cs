using System.Globalization;
using System.Text;
using ClawFS.Vfs;

namespace ClawFS.Search.Tree;

/// <summary>`sys/index/`: how far the index is, what it left out, and how it is set.</summary>
public static class IndexFolder
{
    /// <summary>The name in sys/.</summary>
    public const string FileName = "index";

    /// <summary>It names files in folders that other users may not list.</summary>
    private const uint OwnerReads = 0x100;

    /// <summary>Makes the folder.</summary>
    /// <param name="service">The index; null while the store is locked.</param>
    /// <param name="errors">Where refusals of settings are explained.</param>
    public static GeneratedFolder Build(Func<SearchService?> service, ErrorLog errors) => new GeneratedFolder()
        .Add("README", IndexReadme.Build())
        .Add("status", GeneratedFile.OfText(() => Status(service())))
        .Add("skipped", GeneratedFile.OfText(() => Skipped(service()), OwnerReads))
        .Add("params", new ParamsFile(service, errors));

    private static string Status(SearchService? service)
    {
        if (service?.Status is not { } status)
        {
            return "state locked\n";
        }
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"state {status.State}\nfiles {status.Files}\nskipped {status.Skipped}\nchunks {status.Chunks}\nterms {status.Terms}\n");
        text.Append(CultureInfo.InvariantCulture, $"waiting {status.Waiting}\nembedder {status.Embedder}\nembedded {status.Embedded}\nfits {status.Fits}\n");
        text.Append(CultureInfo.InvariantCulture, $"memory_bytes {status.MemoryBytes}\nstored_bytes {status.StoredBytes}\n");
        if (status.Next is { } next)
        {
            text.Append("next ").Append(next).Append('\n');
        }
        if (status.Percent >= 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"percent {status.Percent}\n");
        }
        if (status.Trouble is { } trouble)
        {
            text.Append("trouble ").Append(trouble).Append('\n');
        }
        return text.ToString();
    }

    private static string Skipped(SearchService? service)
    {
        StringBuilder text = new();
        foreach ((string path, string reason) in service?.Skipped ?? [])
        {
            text.Append(reason).Append('\t').Append(path).Append('\n');
        }
        return text.ToString();
    }

    private sealed class ParamsFile(Func<SearchService?> service, ErrorLog errors) : WritableFile(errors, capacity: 4096)
    {
        protected override byte[] Render() => Encoding.UTF8.GetBytes((service()?.Settings ?? new IndexSettings()).ToString());

        protected override Rejection? CheckLine(ReadOnlySpan<byte> line)
        {
            string text = Encoding.UTF8.GetString(line);
            return IndexSettings.TryParse(text, out _) is { } wrong
                ? new($"{Shown(wrong.Word)}: {wrong.Reason}", Math.Max(0, text.IndexOf(wrong.Word, StringComparison.Ordinal)), IsSecret: MayHoldSecret(text))
                : null;
        }

        /// <summary>A key or password that somebody wrote here by mistake does not go into sys/errors.</summary>
        private static string Shown(string word) => MayHoldSecret(word) ? word[..4] + "..." : word;

        private static bool MayHoldSecret(string text) => text.Contains("key=", StringComparison.Ordinal) || text.Contains("url=", StringComparison.Ordinal);

        protected override Rejection? Commit(Request request, ReadOnlySpan<byte> content) =>
            IndexSettings.TryParse(Encoding.UTF8.GetString(content), out IndexSettings settings) is { } wrong ? new($"{Shown(wrong.Word)}: {wrong.Reason}", IsSecret: true)
            : settings.Fault is { } fault ? new(fault, IsSecret: true)
            : service() is not { } running ? new("the store is locked", 0, Linux.Errno.ENOKEY)
            : running.Change(settings);
    }
}
