using System.Text;
using ClawFS.Linux;
using ClawFS.Store;
using ClawFS.Vfs;

namespace ClawFS.Search.Saved;

/// <summary>The standing queries of one store, kept in a hidden file. Safe for several threads.</summary>
internal sealed class SavedQueries
{
    /// <summary>Most standing queries of a store.</summary>
    public const int MaxQueries = 256;

    /// <summary>Bytes of the longest question.</summary>
    public const int MaxQueryBytes = 16 * 1024;

    private readonly Lock gate = new();
    private readonly Action<byte[]> save;
    private readonly Func<SavedQuestion, Asked> ask;
    private readonly string? unreadable;
    private volatile SavedQuery[] all = [];

    /// <summary>Takes what is kept.</summary>
    /// <param name="stored">The content of the hidden file (<see cref="SavedFile"/>); null: there are none yet.</param>
    /// <param name="save">Keeps another content in the place of it; throws <see cref="StoreException"/>.</param>
    /// <param name="ask">Answers.</param>
    public SavedQueries(byte[]? stored, Action<byte[]> save, Func<SavedQuestion, Asked> ask)
    {
        this.save = save;
        this.ask = ask;
        try
        {
            all = stored is null ? [] : [.. SavedFile.Read(stored)];
        }
        catch (InvalidDataException wrong)
        {
            // It stays as it is: nothing that is written now may take the place of what another version can read.
            unreadable = wrong.Message;
        }
    }

    /// <summary>Why nothing is shown and nothing can be changed; null when all is well.</summary>
    public string? Unreadable => unreadable;

    /// <summary>All of them.</summary>
    public IReadOnlyList<SavedQuery> All => all;

    /// <summary>Whether what is kept in the store is older than what is known.</summary>
    public bool IsBehind { get; private set; }

    /// <summary>Makes a query that asks nothing yet.</summary>
    /// <returns>Null with the query, or why not.</returns>
    public Rejection? TryAdd(ReadOnlySpan<byte> name, out SavedQuery? added)
    {
        added = null;
        if (!Utf8Name.TryRead(name, out string text))
        {
            return new($"the name of a standing query is UTF-8 without control characters and does not begin with '.'");
        }
        lock (gate)
        {
            if (all.Length >= MaxQueries)
            {
                return new($"there are {MaxQueries} standing queries, and there can be no more", 0, Errno.EDQUOT);
            }
            SavedQuery query = new(text);
            if (Replace([.. all, query]) is { } refused)
            {
                return refused;
            }
            added = query;
            return null;
        }
    }

    /// <summary>Takes a query away; null, or why not.</summary>
    public Rejection? Remove(SavedQuery query)
    {
        lock (gate)
        {
            return Replace([.. all.Where(other => other != query)]);
        }
    }

    /// <summary>Gives a query another question and asks it; null, or why not.</summary>
    public Rejection? Set(SavedQuery query, SavedQuestion question)
    {
        if (Encoding.UTF8.GetByteCount(question.Query) > MaxQueryBytes)
        {
            return new($"longer than {MaxQueryBytes} bytes; search/new takes longer questions", 0, Errno.EFBIG);
        }
        Asked answer = ask(question);
        lock (gate)
        {
            query.Set(question, answer);
            return Replace(all);
        }
    }

    /// <summary>The last answer to a query; asked now if there is none.</summary>
    public Asked AnswerOf(SavedQuery query) => query.Last ?? ask(query.Question);

    /// <summary>Asks a query again.</summary>
    /// <returns>Its new hits; none while the index does not know all files.</returns>
    public IReadOnlyList<SearchHit> Refresh(SavedQuery query)
    {
        SavedQuestion question = query.Question;
        Asked answer = ask(question);
        if (!answer.IsComplete)
        {
            return [];
        }
        (IReadOnlyList<SearchHit> fresh, bool keep) = query.Take(question, answer);
        if (keep)
        {
            lock (gate)
            {
                IsBehind = true;
            }
        }
        return fresh;
    }

    /// <summary>Keeps what has come to be known; null, or why it could not.</summary>
    public Rejection? Keep()
    {
        lock (gate)
        {
            return Replace(all);
        }
    }

    private Rejection? Replace(SavedQuery[] next)
    {
        if (unreadable is not null)
        {
            return new(unreadable, 0, Errno.EROFS);
        }
        try
        {
            save(SavedFile.Write(next));
        }
        catch (StoreException refused)
        {
            return new(refused.Message, 0, refused.Error);
        }
        all = next;
        IsBehind = false;
        return null;
    }
}
