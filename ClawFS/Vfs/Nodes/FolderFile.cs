using ClawFS.Linux;

namespace ClawFS.Vfs;

/// <summary>
/// A file of a <see cref="WritableFolder"/>. What is saved is staged as in every <see cref="WritableFile"/>, and its folder says what becomes of it: by the name that the file has then.
/// A file that has lost its name takes what is written and keeps it as long as it is open.
/// </summary>
public sealed class FolderFile : WritableFile
{
    /// <summary>Most bytes of any file of a folder.</summary>
    public const int MaxBytes = 1 << 20;

    private readonly Lock gate = new();
    private readonly List<StagedFile> drafts = [];
    private NodeShape shape;
    private bool isRevoked;

    /// <summary>Makes a file with permissions 0644.</summary>
    /// <param name="errors">Where refusals are explained.</param>
    /// <param name="content">Its content.</param>
    /// <param name="changedAt">When it became that.</param>
    public FolderFile(ErrorLog errors, byte[] content, Timestamp changedAt) : base(errors, capacity: MaxBytes) =>
        shape = new((ulong)content.Length, changedAt, 1, content);

    /// <summary>Its name in its folder.</summary>
    public ReadOnlySpan<byte> FileName => Name;

    /// <summary>The live content.</summary>
    public ReadOnlyMemory<byte> Content => Measure().Content;

    /// <summary>When it became that.</summary>
    public Timestamp ChangedAt => Measure().Mtime;

    /// <summary>The folder in which it has its name now, or null.</summary>
    public WritableFolder? Folder => Parent as WritableFolder;

    /// <summary>How many descriptors are open for writing.</summary>
    public int Writers
    {
        get
        {
            lock (gate)
            {
                return drafts.Count;
            }
        }
    }

    /// <summary>Saves what has been written to descriptors that are still open, as their close would: some programs rename a file before they close it. Under no lock of its folder.</summary>
    /// <returns>Ok, or what the close would say.</returns>
    public Errno Settle(Request request)
    {
        StagedFile[] open;
        lock (gate)
        {
            open = [.. drafts];
        }
        foreach (StagedFile draft in open)
        {
            if (draft.Flush(request) is var error and not Errno.Ok)
            {
                return error;
            }
        }
        return Errno.Ok;
    }

    /// <summary>Makes a content live. The same content again is no change.</summary>
    public void Put(ReadOnlySpan<byte> content, Timestamp changedAt)
    {
        lock (gate)
        {
            if (!content.SequenceEqual(shape.Content))
            {
                shape = new((ulong)content.Length, changedAt, shape.Version + 1, content.ToArray());
            }
        }
    }

    /// <summary>Empties it for good: the key to what it shows has gone.</summary>
    internal void Revoke()
    {
        Volatile.Write(ref isRevoked, true);
        Put([], Timestamp.NowAfter(ChangedAt));
    }

    /// <inheritdoc/>
    protected internal override NodeShape Measure()
    {
        lock (gate)
        {
            return shape;
        }
    }

    /// <inheritdoc/>
    protected override byte[] Render() => Measure().Content ?? [];

    /// <inheritdoc/>
    protected internal override Errno Open(Request request, int flags, in NodeShape shape, out OpenFile? file)
    {
        Errno error = base.Open(request, flags, shape, out file);
        if (error == Errno.Ok && file is StagedFile draft)
        {
            lock (gate)
            {
                drafts.Add(draft);
            }
        }
        return error;
    }

    /// <inheritdoc/>
    protected internal override Rejection? CheckBeginning(ReadOnlySpan<byte> lines) => Folder?.CheckBeginning(this, lines);

    /// <inheritdoc/>
    protected override Rejection? Commit(Request request, ReadOnlySpan<byte> content)
    {
        if (Volatile.Read(ref isRevoked))
        {
            return new("the store was locked meanwhile", 0, Errno.ENOKEY);
        }
        if (Folder is { } folder)
        {
            return folder.Save(request, this, content);
        }
        Put(content, Timestamp.NowAfter(ChangedAt));
        return null;
    }

    /// <inheritdoc/>
    protected internal override void WriterClosed(OpenFile draft)
    {
        lock (gate)
        {
            drafts.RemoveAll(other => other == draft);
            if (drafts.Count > 0)
            {
                return;
            }
        }
        Folder?.WritersGone(this);
    }
}
