using System.Diagnostics;
using ClawFS.Fuse.Wire;
using ClawFS.Linux;
using ClawFS.Vfs;
using static ClawFS.Vfs.Vfs;

namespace ClawFS.Fuse.Dispatch;

/// <summary>
/// Takes one request apart, calls the tree and sends the reply. Shared by all threads: no state of its own changes while it serves. Nothing here
/// depends on a mount, so a byte buffer is enough to test it.
/// </summary>
internal sealed partial class FuseDispatcher(NodeTree tree, ParkedRequests parking, PostponedRequests postponed, Action<Exception, FuseOpcode> report)
{
    private int destroyed;

    /// <summary>Whether the kernel was promised that folders need no OPENDIR. Set before the first request.</summary>
    internal bool FoldersNeedNoOpen { get; set; }

    /// <summary>Handles one whole message. Never throws, whatever the bytes are.</summary>
    internal void Dispatch(ReadOnlySpan<byte> message, FuseRequest request)
    {
        // Shorter than a header: there is no number to answer to.
        if (!WireStruct.TryRead(message, out InHeader header))
            return;

        request.Begin(header, Stopwatch.GetTimestamp());
        int extensions = header.ExtensionUnits * 8;
        bool sound = header.Length == (uint)message.Length && extensions <= message.Length - InHeader.ByteSize;
        Errno result = Errno.EINVAL;
        if (sound)
        {
            result = Guarded(request, new WireReader(message[InHeader.ByteSize..^extensions]));
        }

        if (result == Again && request is { Awaited: { } awaited, Parked: null })
        {
            postponed.Add(message, request, awaited, this);
            return;
        }

        if (request.Parked is { } parked)
        {
            SettleParked(request, parked, result);
            return;
        }

        if (!ReplyWire.IsErrno(result))
        {
            report(new InvalidOperationException($"The tree answered {(int)result} without parking."), request.Opcode);
            result = Errno.EIO;
        }

        request.Counters.Count(request.Opcode, result);
        if (IsAnswered(request.Opcode))
        {
            Finish(request, result);
        }

        parking.Forget(request.Unique);
        request.Counters.AddTime(request.Opcode, request.Started);
    }

    /// <summary>Tells the tree, once, that the mount is gone.</summary>
    internal void Destroy()
    {
        if (Interlocked.Exchange(ref destroyed, 1) == 0)
        {
            tree.Destroy();
        }
    }

    private static bool IsAnswered(FuseOpcode opcode) =>
        opcode is not (FuseOpcode.Forget or FuseOpcode.BatchForget or FuseOpcode.Interrupt or FuseOpcode.NotifyReply);

    private Errno Guarded(FuseRequest request, WireReader body)
    {
        try
        {
            return Call(request, ref body);
        }
        catch (Exception bug)
        {
            report(bug, request.Opcode);
            return Errno.EIO;
        }
    }

    /// <summary>Sends the reply. If the client is gone, what the reply gave out comes back; a failed operation has given nothing.</summary>
    private void Finish(FuseRequest request, Errno result)
    {
        Errno sent = request.Send(result);
        if (sent is Errno.ENOENT or Errno.EINVAL && result == Errno.Ok)
        {
            try
            {
                request.Given.TakeBack(tree, request);
            }
            catch (Exception bug)
            {
                report(bug, request.Opcode);
            }
        }

        if (sent == Errno.EINVAL)
        {
            report(new InvalidOperationException("The kernel refused the shape of the reply."), request.Opcode);
        }
    }

    /// <summary>A parked request is answered by its owner; one whose operation failed all the same is answered here, if it is not yet.</summary>
    private void SettleParked(FuseRequest request, FuseParkedRequest parked, Errno result)
    {
        if (result == Parked)
            return;

        report(new InvalidOperationException($"The tree parked the request and answered {result}."), request.Opcode);
        parked.Abandon(ReplyWire.IsErrno(result) && result != Errno.Ok ? result : Errno.EIO);
    }

    private Errno Call(FuseRequest r, ref WireReader body) => r.Opcode switch
    {
        FuseOpcode.Lookup => Lookup(r, ref body),
        FuseOpcode.Forget => Forget(r, ref body),
        FuseOpcode.BatchForget => BatchForget(ref body),
        FuseOpcode.GetAttr => GetAttr(r, ref body),
        FuseOpcode.Statx => Statx(r, ref body),
        FuseOpcode.SetAttr => SetAttr(r, ref body),
        FuseOpcode.ReadLink => ReadLink(r),
        FuseOpcode.SymLink => SymLink(r, ref body),
        FuseOpcode.MkNod => MkNod(r, ref body),
        FuseOpcode.MkDir => MkDir(r, ref body),
        FuseOpcode.Unlink => Unlink(r, ref body),
        FuseOpcode.RmDir => RmDir(r, ref body),
        FuseOpcode.Rename => Rename(r, ref body),
        FuseOpcode.Rename2 => Rename2(r, ref body),
        FuseOpcode.Link => Link(r, ref body),
        FuseOpcode.Open => Open(r, ref body),
        FuseOpcode.Create => Create(r, ref body),
        FuseOpcode.TmpFile => TmpFile(r, ref body),
        FuseOpcode.Read => Read(r, ref body),
        FuseOpcode.Write => Write(r, ref body),
        FuseOpcode.Flush => Flush(r, ref body),
        FuseOpcode.Fsync => Fsync(r, ref body),
        FuseOpcode.Release => Release(r, ref body),
        FuseOpcode.OpenDir => OpenDir(r, ref body),
        FuseOpcode.ReadDir => ReadDir(r, ref body, plus: false),
        FuseOpcode.ReadDirPlus => ReadDir(r, ref body, plus: true),
        FuseOpcode.ReleaseDir => ReleaseDir(ref body),
        FuseOpcode.FsyncDir => FsyncDir(r, ref body),
        FuseOpcode.SyncFs => tree.SyncFs(r, r.Node),
        FuseOpcode.StatFs => StatFs(r),
        FuseOpcode.SetXattr => SetXattr(r, ref body),
        FuseOpcode.GetXattr => GetXattr(r, ref body),
        FuseOpcode.ListXattr => ListXattr(r, ref body),
        FuseOpcode.RemoveXattr => RemoveXattr(r, ref body),
        FuseOpcode.Fallocate => Fallocate(r, ref body),
        FuseOpcode.Seek => Seek(r, ref body),
        FuseOpcode.CopyFileRange or FuseOpcode.CopyFileRange64 => CopyFileRange(r, ref body),
        FuseOpcode.Poll => Poll(r, ref body),
        FuseOpcode.Interrupt => Interrupt(r, ref body),
        FuseOpcode.Ioctl => Errno.ENOTTY,
        FuseOpcode.Destroy => DestroyAsked(),
        // INIT a second time, or the answer to a question that is never asked.
        FuseOpcode.Init or FuseOpcode.NotifyReply => Errno.EINVAL,
        // The kernel remembers ENOSYS and asks no more. ACCESS never comes with default_permissions, BMAP only for block devices,
        // locks not without POSIX_LOCKS; everything else is newer than 7.45 and needs a feature that was not negotiated.
        _ => Errno.ENOSYS,
    };
}
