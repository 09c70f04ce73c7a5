using System.Text;

namespace ClawFS.Linux;

internal sealed unsafe partial class LinuxFolder
{
    private readonly List<FileDescriptor> locks = [];

    public override bool TryLock(string name, out string holder)
    {
        FileDescriptor file = OpenDescriptor(name, Flags(StorageMode.CreateOrOpen), 0x180);
        // flock(2) belongs to the open file description: the kernel drops it when the process dies, however it dies, and a
        // second open in this process is refused like a stranger's.
        using (Borrowed fd = new(file))
        {
            if (NativeCalls.flock(fd.Number, NativeCalls.LockExclusive | NativeCalls.LockNonBlocking) != 0)
            {
                Errno error = LinuxException.Last;
                holder = ReadHolder(file, name);
                file.Dispose();
                return error == Errno.EAGAIN ? false : throw new LinuxException(error, $"lock {Full(name)}");
            }
        }
        holder = $"{ProcessIdentity.CommOf((uint)Environment.ProcessId)} (pid {Environment.ProcessId})";
        StorageFile content = new LinuxFile(file, Full(name));
        content.Truncate(0);
        content.Write(Encoding.UTF8.GetBytes(holder + "\n"), 0);
        lock (locks)
            locks.Add(file);
        return true;
    }

    private string ReadHolder(FileDescriptor file, string name)
    {
        Span<byte> text = stackalloc byte[128];
        int count = new LinuxFile(file, Full(name)).Read(text, 0);
        // Empty between the lock and the holder's line: a moment, but a name is owed all the same.
        return count > 0 ? Encoding.UTF8.GetString(text[..count]).TrimEnd('\n') : "another process";
    }

    private void ReleaseLocks()
    {
        lock (locks)
        {
            foreach (FileDescriptor held in locks)
                held.Dispose();
            locks.Clear();
        }
    }
}
