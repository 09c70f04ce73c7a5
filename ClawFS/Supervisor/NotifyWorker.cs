using System.Text;
using ClawFS.Linux;

namespace ClawFS.Supervisor;

/// <summary>
/// The whole of the `notify` process: it opens the paths that fs names and sets each file's length to what it is, so that inotify fires
/// on changes that fs made by itself. fs absorbs the call and answers it with the true length, which is the one message in which a
/// kernel with writeback cache takes the length of an open file from the server (fs/fuse/dir.c, fuse_do_setattr).
/// </summary>
/// <remarks>
/// Frames are in docs/ipc.md: the worker says its thread id once (32 bits, little endian); fs sends one byte, how often, and the path
/// relative to the mount. fs grants the touch by thread id, so opening and setting happen on the thread that said hello.
/// </remarks>
public static class NotifyWorker
{
    /// <summary>Serves until fs closes the channel.</summary>
    /// <param name="channel">The worker's end.</param>
    /// <param name="mountFolder">Where the mount is.</param>
    public static void Run(MessageChannel channel, string mountFolder)
    {
        if (!channel.Send(BitConverter.GetBytes(ProcessIdentity.ThreadId)))
        {
            return;
        }
        byte[] frame = new byte[MessageChannel.MaxMessage];
        for (int length = channel.Receive(frame); length > 1; length = channel.Receive(frame))
        {
            string path = Path.Join(mountFolder, Encoding.UTF8.GetString(frame, 1, length - 1));
            for (int times = frame[0]; times > 0; times--)
            {
                Touch(path);
            }
        }
    }

    private static void Touch(string path)
    {
        try
        {
            // Sharing both ways keeps the runtime from taking a flock on the file.
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
            // The length it has: should the path lead to somebody's own file by now, nothing is lost.
            RandomAccess.SetLength(file, RandomAccess.GetLength(file));
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            // The file went away between the change and now, or fs is going; then nobody waits for this event.
        }
    }
}
