using ClawFS.Fuse.Wire;
using ClawFS.Linux;
using ClawFS.Vfs;

namespace ClawFS.Fuse.Dispatch;

// Open files.
internal sealed partial class FuseDispatcher
{
    private const int SeekData = 3, SeekHole = 4;

    private Errno Open(FuseRequest r, ref WireReader body)
    {
        if (!body.Take(out OpenIn input))
            return Errno.EINVAL;

        bool kill = (input.OpenFlags & OpenIn.KillSuidGid) != 0;
        Errno error = tree.Open(r, r.Node, input.Flags, kill, out OpenReply reply);
        if (error != Errno.Ok)
            return error;

        NoteOpened(r, r.Node, reply.Handle, input.Flags);
        return r.Reply(WireConvert.ToWire(reply));
    }

    private Errno Create(FuseRequest r, ref WireReader body)
    {
        if (!body.Take(out CreateIn input))
            return Errno.EINVAL;

        Errno error = body.TakeName(out ReadOnlySpan<byte> name);
        if (error != Errno.Ok)
            return error;

        error = tree.Create(r, r.Node, name, input.Mode, input.Flags, out Entry entry, out OpenReply reply);
        return ReplyCreated(r, error, entry, reply, input.Flags);
    }

    /// <summary>The name that TMPFILE carries is the kernel's own placeholder, "/", and means nothing.</summary>
    private Errno TmpFile(FuseRequest r, ref WireReader body)
    {
        if (!body.Take(out CreateIn input))
            return Errno.EINVAL;

        Errno error = tree.TmpFile(r, r.Node, input.Mode, input.Flags, out Entry entry, out OpenReply reply);
        return ReplyCreated(r, error, entry, reply, input.Flags);
    }

    private static Errno ReplyCreated(FuseRequest r, Errno error, in Entry entry, in OpenReply reply, int flags)
    {
        if (error != Errno.Ok)
            return error;

        r.Given.Node = entry.Node;
        NoteOpened(r, entry.Node, reply.Handle, flags);
        return r.Reply(new CreateOut { Entry = WireConvert.ToWire(entry), Open = WireConvert.ToWire(reply) });
    }

    private static void NoteOpened(FuseRequest r, ulong node, ulong handle, int flags)
    {
        r.Given.Opened = true;
        r.Given.OpenNode = node;
        r.Given.Handle = handle;
        r.Given.Flags = flags;
    }

    private Errno Read(FuseRequest r, ref WireReader body)
    {
        // A read above the negotiated size never comes; answering less would look like the end of the file.
        if (!body.Take(out ReadIn input) || input.Size > (uint)r.Room.Length)
            return Errno.EINVAL;

        r.Asked = input.Size;
        Errno error = tree.Read(r, r.Node, input.Handle, input.Offset, r.Room[..(int)input.Size], out int count);
        if (error != Errno.Ok)
            return error;

        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, input.Size, nameof(count));
        return r.ReplyLength(count);
    }

    private Errno Write(FuseRequest r, ref WireReader body)
    {
        if (!body.Take(out WriteIn input) || (uint)body.Rest.Length < input.Size)
            return Errno.EINVAL;

        bool fromCache = (input.WriteFlags & WriteIn.FromCache) != 0;
        bool kill = (input.WriteFlags & WriteIn.KillSuidGid) != 0;
        ReadOnlySpan<byte> data = body.Rest[..(int)input.Size];
        Errno error = tree.Write(r, r.Node, input.Handle, input.Offset, data, fromCache, kill, out int count);
        if (error != Errno.Ok)
            return error;

        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, input.Size, nameof(count));
        return r.Reply(new CountOut { Count = (uint)count });
    }

    private Errno Flush(FuseRequest r, ref WireReader body) =>
        body.Take(out FlushIn input) ? tree.Flush(r, r.Node, input.Handle) : Errno.EINVAL;

    private Errno Fsync(FuseRequest r, ref WireReader body) =>
        body.Take(out FsyncIn input)
            ? tree.Fsync(r, r.Node, input.Handle, (input.Flags & FsyncIn.DataOnly) != 0)
            : Errno.EINVAL;

    private Errno Release(FuseRequest r, ref WireReader body)
    {
        if (!body.Take(out ReleaseIn input))
            return Errno.EINVAL;

        tree.Release(r, r.Node, input.Handle, input.Flags);
        return Errno.Ok;
    }

    private Errno Fallocate(FuseRequest r, ref WireReader body) =>
        body.Take(out FallocateIn input)
            ? tree.Fallocate(r, r.Node, input.Handle, input.Offset, input.Length, input.Mode)
            : Errno.EINVAL;

    private Errno Seek(FuseRequest r, ref WireReader body)
    {
        if (!body.Take(out SeekIn input) || input.Whence is not (SeekData or SeekHole))
            return Errno.EINVAL;

        Errno error = tree.Seek(r, r.Node, input.Handle, input.Offset, input.Whence, out ulong position);
        return error != Errno.Ok ? error : r.Reply(new SeekOut { Offset = position });
    }

    /// <summary>Both forms: the newer one only has a wider count in its answer, which the same eight bytes carry.</summary>
    private Errno CopyFileRange(FuseRequest r, ref WireReader body)
    {
        if (!body.Take(out CopyFileRangeIn input) || input.Flags != 0)
            return Errno.EINVAL;

        Errno error = tree.CopyFileRange(
            r, r.Node, input.Handle, input.Offset, input.ToNode, input.ToHandle, input.ToOffset, input.Length, out uint count);
        return error != Errno.Ok ? error : r.Reply(new CountOut { Count = count });
    }

    private Errno Poll(FuseRequest r, ref WireReader body)
    {
        if (!body.Take(out PollIn input))
            return Errno.EINVAL;

        bool wakeup = (input.Flags & PollIn.ScheduleNotify) != 0;
        Errno error = tree.Poll(r, r.Node, input.Handle, input.PollHandle, wakeup, input.Events, out uint ready);
        return error != Errno.Ok ? error : r.Reply(new PollOut { Events = ready });
    }
}
