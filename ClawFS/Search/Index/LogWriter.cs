using ClawFS.Linux;
using ClawFS.Search.Lexical;
using ClawFS.Search.Text;
using ClawFS.Store;

namespace ClawFS.Search.Index;

/// <summary>
/// Gathers the records of a batch and appends them. When the store takes no more (full, quota), the index goes on in memory, says so, and the log is written anew
/// as soon as there is room; what a restart finds in between is older, and the files tell it what is missing.
/// </summary>
internal sealed class LogWriter(RecordLog log, Action<string?> trouble)
{
    /// <summary>The log is written anew when it is this much longer than what lives in it needs.</summary>
    private const int Slack = 3;

    private const long LeastToRewrite = 16L << 20;

    /// <summary>Name of the hidden file.</summary>
    public const string FileName = "index";

    private readonly RecordWriter words = new();
    private readonly RecordWriter records = new();
    private int loggedTerms;
    private bool isBehind;

    /// <summary>What the log begins with.</summary>
    public static ReadOnlySpan<byte> Magic => "CLAWIDX1"u8;

    /// <summary>Bytes in the store.</summary>
    public long Length => log.Length;

    /// <summary>Whether the log should be written anew.</summary>
    public bool WantsRewrite(IndexState state) => isBehind || log.Length > Math.Max(LeastToRewrite, Slack * (state.TermBytes + (state.Chunks.Live * 40L)));

    /// <summary>The state was loaded from the log.</summary>
    public void Loaded(IndexState state) => loggedTerms = state.Terms.Count;

    /// <summary>A file with its chunks, or one that is left out.</summary>
    public void Put(IndexedFile file, IReadOnlyList<Chunk> chunks, IReadOnlyList<ChunkTerms> terms)
    {
        if (file.Skipped is null)
        {
            IndexRecords.WriteFile(records, file, chunks, terms);
        }
        else
        {
            IndexRecords.WriteSkipped(records, file);
        }
    }

    /// <summary>Other attributes of a file.</summary>
    public void Restated(IndexedFile file) => IndexRecords.WriteRestated(records, file);

    /// <summary>A file that is gone, if it was known.</summary>
    public void Removed(IndexedFile? file)
    {
        if (file is not null)
        {
            IndexRecords.WriteRemoved(records, file.Inode);
        }
    }

    /// <summary>Appends the batch, the new terms first.</summary>
    public void Flush(IndexState state)
    {
        try
        {
            if (!isBehind)
            {
                IndexRecords.WriteTerms(words, state.Terms, loggedTerms);
                log.Append(words);
                loggedTerms = state.Terms.Count;
                log.Append(records);
            }
        }
        catch (StoreException refused) when (refused.Error is Errno.ENOSPC or Errno.EDQUOT)
        {
            isBehind = true;
            trouble($"the index is not saved: {refused.Message}");
        }
        finally
        {
            words.Clear();
            records.Clear();
        }
    }

    /// <summary>Writes all of the index into a log of its own, which takes the place of this one.</summary>
    /// <returns>False: there is no room for it.</returns>
    public bool TryRewrite(IndexState state)
    {
        try
        {
            log.Replace(next => WriteAll(next, state));
            loggedTerms = state.Terms.Count;
            isBehind = false;
            trouble(null);
            return true;
        }
        catch (StoreException refused) when (refused.Error is Errno.ENOSPC or Errno.EDQUOT)
        {
            return false;
        }
    }

    private void WriteAll(RecordLog to, IndexState state)
    {
        IndexRecords.WriteTerms(words, state.Terms, 0);
        to.Append(words);
        words.Clear();
        List<Chunk> chunks = [];
        List<ChunkTerms> terms = [];
        foreach (IndexedFile file in state.Files)
        {
            chunks.Clear();
            terms.Clear();
            for (uint chunk = file.FirstChunk; chunk < file.FirstChunk + (uint)file.ChunkCount; chunk++)
            {
                chunks.Add(state.Chunks[chunk].Chunk);
                terms.Add(state.TermsOf(chunk));
            }
            Put(file, chunks, terms);
            if (records.Length > 1 << 20)
            {
                to.Append(records);
                records.Clear();
            }
        }
        to.Append(records);
        records.Clear();
    }
}
