using System.Text;
using ClawFS.Linux;
using ClawFS.Search.Index;
using ClawFS.Search.Lexical;
using ClawFS.Search.Text;
using ClawFS.Store;
using ClawFS.Vfs;

namespace ClawFS.Search.Query;

/// <summary>Answers one question from the index, and checks what it found against the files as they are. Safe for several threads.</summary>
internal sealed class Searcher(StoredTree tree, IndexState state, FolderMap folders, ulong top, Action<ulong> stale)
{
    /// <summary>Chunks looked at for each hit that is wanted, at first; more when conditions throw many out.</summary>
    private const int ChunksPerHit = 6, LeastChunks = 200, MostChunks = 6400;

    /// <summary>The files that answer a question.</summary>
    public IReadOnlyList<SearchHit> Search(SearchQuery query, SearchOptions options, Ranker ranker)
    {
        ulong[]? allowed = FileFilter.Make(query, state, folders, top);
        if (query.Text.Length == 0)
        {
            return Newest(query, options, allowed);
        }
        byte[] words = Encoding.UTF8.GetBytes(query.Text);
        QueryTerms terms = QueryTerms.Read(words, state.Terms);
        ranker.Ask(query.Text, terms);
        IReadOnlySet<string> marked = MarkedTerms.Of(words);
        HitCheck check = new(query, state);
        for (int width = Math.Max(LeastChunks, options.Count * ChunksPerHit); ; width *= 4)
        {
            IReadOnlyList<ScoredChunk> ranked = ranker.Rank(terms, allowed, width);
            List<SearchHit> hits = Gather(ranked, options.Count, marked, check);
            if (hits.Count >= options.Count || ranked.Count < width || width >= MostChunks)
            {
                return hits;
            }
        }
    }

    /// <summary>The best chunk of each file that meets the conditions.</summary>
    private List<SearchHit> Gather(IReadOnlyList<ScoredChunk> ranked, int count, IReadOnlySet<string> marked, HitCheck check)
    {
        List<SearchHit> hits = [];
        HashSet<ulong> seen = [];
        foreach (ScoredChunk scored in ranked)
        {
            if (hits.Count == count)
            {
                break;
            }
            ChunkPlace place = state.Chunks[scored.Chunk];
            if (place.File is not { } file || seen.Contains(file.Inode) || !check.AdmitsTerms(file, scored.Chunk))
            {
                continue;
            }
            if (MakeHit(hits.Count + 1, scored.Score, file, place.Chunk, marked, check) is { } hit)
            {
                seen.Add(file.Inode);
                hits.Add(hit);
            }
        }
        return hits;
    }

    private List<SearchHit> Newest(SearchQuery query, SearchOptions options, ulong[]? allowed)
    {
        List<SearchHit> hits = [];
        HitCheck check = new(query, state);
        HashSet<string> none = [];
        foreach (IndexedFile file in state.Files.Where(static file => file.ChunkCount > 0).OrderByDescending(static file => file.Mtime))
        {
            if (hits.Count == options.Count)
            {
                break;
            }
            uint chunk = file.FirstChunk;
            bool isAllowed = allowed is null || (chunk / 64 < allowed.Length && (allowed[chunk / 64] >> (int)(chunk % 64) & 1) != 0);
            if (isAllowed && check.AdmitsTerms(file, chunk) && MakeHit(hits.Count + 1, 0, file, state.Chunks[chunk].Chunk, none, check) is { } hit)
            {
                hits.Add(hit);
            }
        }
        return hits;
    }

    /// <summary>The hit with its path and passage; null when the file is gone, or the passage has not what is wanted.</summary>
    private SearchHit? MakeHit(int rank, double score, IndexedFile file, in Chunk chunk, IReadOnlySet<string> marked, HitCheck check)
    {
        LocalRequest request = new(0, 0);
        if (tree.GetAttr(request, file.Inode, 0, out Attr attr, out _) != Errno.Ok || attr.Nlink == 0 || !tree.TryGetPath(file.Inode, out byte[] path))
        {
            stale(file.Inode);
            return null;
        }
        byte[] passage = new byte[chunk.Length];
        if (tree.Read(request, file.Inode, 0, (ulong)chunk.Start, passage, out int length) != Errno.Ok || !check.AdmitsText(passage.AsSpan(0, length)))
        {
            return null;
        }
        Snippet snippet = SnippetMaker.Make(passage.AsSpan(0, length), file.Kind, chunk.State, marked);
        return new SearchHit(
            rank, score, file.Inode, Encoding.UTF8.GetString(path), chunk.FirstLine, chunk.LastLine, chunk.Heading, snippet, Convert.ToHexStringLower(file.Sha256), attr.Size, attr.Mtime);
    }
}
