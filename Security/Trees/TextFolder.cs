using System.Text;
using ClawFS.Linux;
using ClawFS.Vfs;

namespace ClawOS.Security.Trees;

/// <summary>
/// A folder of texts that are kept in the store by their names, and of others that are not: what editors make beside the file they save. Those are held in memory, few and small, and
/// mean nothing. A name that is kept comes into being with the first save that is accepted; when none is, it goes with the last descriptor.
/// </summary>
/// <remarks>Every member that reads or changes names holds the gate of the policies.</remarks>
internal abstract class TextFolder(LivePolicies policies, ErrorLog errors) : WritableFolder
{
    /// <summary>Most files that are not kept, and the most bytes of them together.</summary>
    public const int MaxScratch = 64, MaxScratchBytes = 8 << 20;

    /// <summary>The policies.</summary>
    protected LivePolicies Policies { get; } = policies;

    /// <inheritdoc/>
    protected override Errno Closed => Policies.State is null ? Errno.ENOKEY : Errno.Ok;

    /// <summary>By what a name is kept; null for a name that is not.</summary>
    protected abstract string? KeyOf(ReadOnlySpan<byte> name);

    /// <summary>Why a name may not be made here, or null.</summary>
    protected virtual Rejection? CheckName(ReadOnlySpan<byte> name) => null;

    /// <summary>Whether what is kept by a key is the file of that name.</summary>
    protected abstract bool IsShown(PolicyState state, string key);

    /// <summary>The state with a text.</summary>
    protected abstract PolicyState With(PolicyState state, string key, KeptText text);

    /// <summary>The state without what a file stands for.</summary>
    protected abstract PolicyState Without(PolicyState state, FolderFile file);

    /// <summary>The policy that a key is, whose faults refuse it; null where anything may be kept.</summary>
    protected virtual string? Checked(string key) => null;

    /// <summary>Whether a file that is renamed within this folder goes on standing for what it stood for.</summary>
    protected virtual bool GoesOn(FolderFile file, ReadOnlySpan<byte> name) => false;

    /// <summary>A file is about to be renamed, and <see cref="GoesOn"/>.</summary>
    protected virtual void StepsAside(FolderFile file) { }

    /// <summary>A file has been saved, or came by this name.</summary>
    protected virtual void Came(string key) { }

    /// <summary>A file stands for nothing any more, by which it was known here.</summary>
    protected virtual void Went(FolderFile file) { }

    /// <summary>The texts to show.</summary>
    protected abstract IEnumerable<(string Name, KeptText Text)> TextsOf(PolicyState state);

    /// <summary>Shows the store that is open, or nothing.</summary>
    public virtual void Show()
    {
        Revoke();
        foreach ((string name, KeptText text) in Policies.State is { } state ? TextsOf(state) : [])
        {
            Place(Encoding.UTF8.GetBytes(name), new FolderFile(errors, text.Content, text.ChangedAt));
        }
    }

    /// <inheritdoc/>
    protected override Errno MakeFile(Request request, ReadOnlySpan<byte> name)
    {
        lock (Policies.Gate)
        {
            if (Policies.State is not { } state)
            {
                return Errno.ENOKEY;
            }

            if (Find(name) is not null)
            {
                return Errno.EEXIST;
            }

            if ((CheckName(name) ?? CheckRoom(state, null, 0)) is { } refused)
            {
                return Refuse(request, name, refused);
            }

            Place(name, new FolderFile(errors, [], Timestamp.Now));
            return Errno.Ok;
        }
    }

    /// <inheritdoc/>
    protected override Errno RenameFile(Request request, FolderFile file, WritableFolder to, ReadOnlySpan<byte> name, bool replaces)
    {
        if (to is not TextFolder target || target.Policies != Policies)
        {
            return Errno.EXDEV;
        }

        // What is half written of a policy in effect stays half written; of anything else it is the content, as on a disk.
        if ((KeyOf(file.FileName) is not { } was || Checked(was) is null) && file.Settle(request) is var unsettled and not Errno.Ok)
        {
            return unsettled;
        }

        lock (Policies.Gate)
        {
            FolderFile? replaced = target.Find(name);
            if (Find(file.FileName) != file)
            {
                return Errno.ENOENT;
            }

            if (replaced is not null && !replaces)
            {
                return Errno.EEXIST;
            }

            string? key = target.KeyOf(name);
            bool goesOn = target == this && GoesOn(file, name);
            Rejection? crowded = key is null && !goesOn && Policies.State is { } now ? target.CheckRoom(now, file, file.Content.Length) : null;
            Rejection? refused = crowded ?? target.CheckName(name) ?? Policies.Change(
                state =>
                {
                    state = replaced is null ? state : target.Without(state, replaced);
                    state = goesOn ? state : Without(state, file);
                    return key is null ? state : target.With(state, key, new KeptText(file.Content.ToArray(), file.ChangedAt));
                },
                key is null ? null : target.Checked(key));
            if (refused is not null)
            {
                return target.Refuse(request, name, refused with { Error = refused.Error == Errno.EINVAL ? Errno.EBADMSG : refused.Error });
            }

            if (goesOn)
            {
                StepsAside(file);
            }
            else
            {
                Went(file);
            }

            if (replaced is not null)
            {
                target.Went(replaced);
            }

            Move(file, target, name);
            if (key is not null)
            {
                target.Came(key);
            }

            return Errno.Ok;
        }
    }

    /// <inheritdoc/>
    protected override Errno RemoveChild(Request request, ReadOnlySpan<byte> name, GeneratedNode child)
    {
        lock (Policies.Gate)
        {
            if (Find(name) is not { } file || file != child)
            {
                return Errno.ENOENT;
            }

            if (Policies.Change(state => Without(state, file)) is { } refused)
            {
                return Refuse(request, name, refused with { Error = refused.Error == Errno.EINVAL ? Errno.EBUSY : refused.Error });
            }

            Went(file);
            Unlink(file);
            return Errno.Ok;
        }
    }

    /// <inheritdoc/>
    protected override Rejection? Save(Request request, FolderFile file, ReadOnlySpan<byte> content)
    {
        lock (Policies.Gate)
        {
            if (Policies.State is not { } now)
            {
                return new("the store is locked; claw unlock opens it", 0, Errno.ENOKEY);
            }

            if (file.Folder is TextFolder other && other != this)
            {
                // It was renamed while its close was on the way.
                return other.Save(request, file, content);
            }

            Timestamp at = Timestamp.NowAfter(file.ChangedAt);
            bool isHere = Find(file.FileName) == file;
            string? key = isHere ? KeyOf(file.FileName) : null;
            Rejection? refused = null;
            if (key is not null)
            {
                KeptText text = new(content.ToArray(), at);
                refused = Policies.Change(state => With(state, key, text), Checked(key));
            }
            else if (isHere)
            {
                refused = CheckRoom(now, file, content.Length);
            }

            if (refused is not null)
            {
                return refused;
            }

            file.Put(content, at);
            if (key is not null)
            {
                Came(key);
            }

            return null;
        }
    }

    /// <inheritdoc/>
    protected override void WritersGone(FolderFile file)
    {
        lock (Policies.Gate)
        {
            // No save of it was accepted, so there is no such file.
            if (Policies.State is { } state && Find(file.FileName) == file && file.Writers == 0 && KeyOf(file.FileName) is { } key && !IsShown(state, key))
            {
                Unlink(file);
            }
        }
    }

    private Rejection? CheckRoom(PolicyState state, FolderFile? file, long length)
    {
        FolderFile[] scratch = [.. Files.Where(other => other != file && !(KeyOf(other.FileName) is { } key && IsShown(state, key)))];
        return scratch.Length >= MaxScratch || scratch.Sum(static other => (long)other.Content.Length) + length > MaxScratchBytes
            ? new($"at most {MaxScratch} files with {MaxScratchBytes >> 20} MiB in all are held here beside those that are kept", 0, Errno.EDQUOT)
            : null;
    }

    private Errno Refuse(Request request, ReadOnlySpan<byte> name, Rejection refused)
    {
        errors.Add($"{this}/{Encoding.UTF8.GetString(name)}", request.Pid, refused, name);
        return refused.Error;
    }
}
