using ClawFS.Linux;

namespace ClawFS.Store.Tests.Faults;

/// <summary>A real folder that tells a <see cref="RecordingDisk"/> what happens in it. Of the store folder itself ("") only the names count: SQLite does not come this way, and nothing is in the lock.</summary>
internal sealed class RecordingFolder(RecordingDisk disk, Folder real, string name) : Folder
{
    public override string Path => real.Path;
    public override long FreeBytes => real.FreeBytes;
    public override Folder OpenFolder(string child, bool create = false, uint mode = 0x1C0) => new RecordingFolder(disk, real.OpenFolder(child, create, mode), child);
    public override bool Exists(string file) => real.Exists(file);
    public override string[] List() => real.List();
    public override bool TryLock(string file, out string holder) => real.TryLock(file, out holder);
    public override void Chown(uint uid, uint gid) => real.Chown(uid, gid);

    public override StorageFile Open(string file, StorageMode mode, uint permissions = 0x180)
    {
        bool creates = mode == StorageMode.CreateNew || mode == StorageMode.CreateOrOpen && !real.Exists(file);
        if (creates)
            Refuse(DiskAction.Create);
        StorageFile opened = real.Open(file, mode, permissions);
        if (creates)
            disk.Created(name, file);
        return new RecordingFile(disk, opened, disk.FileOf(name, file));
    }

    public override bool Delete(string file)
    {
        Refuse(DiskAction.Delete);
        bool existed = real.Delete(file);
        if (existed)
            disk.Deleted(name, file);
        return existed;
    }

    public override void Rename(string from, string to)
    {
        Refuse(DiskAction.Rename);
        real.Rename(from, to);
        disk.Renamed(name, from, to);
    }

    public override void Sync()
    {
        Refuse(DiskAction.SyncFolder);
        disk.Add(new DiskEvent(DiskAction.SyncFolder) { Folder = name });
    }

    protected override void Dispose(bool disposing)
    {
        real.Dispose();
        if (name.Length == 0)
            disk.Closed();
    }

    private void Refuse(DiskAction action)
    {
        Errno error = disk.NextFault(action);
        if (error != Errno.Ok)
            throw new LinuxException(error, action.ToString());
    }

    private sealed class RecordingFile(RecordingDisk disk, StorageFile real, int number) : StorageFile
    {
        public override string Path => real.Path;
        public override long Length => real.Length;
        public override int Read(Span<byte> buffer, long offset) => real.Read(buffer, offset);
        public override void AdviseWillNeed(long offset, long length) => real.AdviseWillNeed(offset, length);
        public override void Write2(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, long offset) => Write([.. first, .. second], offset);

        public override void Write(ReadOnlySpan<byte> data, long offset)
        {
            Errno error = disk.NextFault(DiskAction.Write, number, offset + data.Length);
            ReadOnlySpan<byte> arrives = error == Errno.Ok ? data : data[..(data.Length / 2)];
            real.Write(arrives, offset);
            disk.Add(new DiskEvent(DiskAction.Write) { File = number, Offset = offset, Data = arrives.ToArray() });
            Throw(error, "write");
        }

        /// <summary>A refused fdatasync is refused once: what it should have written may be lost although the next one succeeds.</summary>
        public override void SyncData()
        {
            Errno error = disk.NextFault(DiskAction.Sync, number);
            disk.Add(new DiskEvent(error == Errno.Ok ? DiskAction.Sync : DiskAction.FailedSync) { File = number });
            Throw(error, "fdatasync");
        }

        public override void Allocate(long offset, long length)
        {
            Throw(disk.NextFault(DiskAction.Allocate, number, offset + length), "fallocate");
            real.Allocate(offset, length);
            disk.NoteRoom(number, offset + length);
        }

        public override void PunchHole(long offset, long length)
        {
            Throw(disk.NextFault(DiskAction.PunchHole, number), "fallocate");
            real.PunchHole(offset, length);
            disk.Add(new DiskEvent(DiskAction.PunchHole) { File = number, Offset = offset, Length = length });
        }

        public override void Truncate(long length)
        {
            Throw(disk.NextFault(DiskAction.Truncate, number), "ftruncate");
            real.Truncate(length);
            disk.CutRoom(number, length);
            disk.Add(new DiskEvent(DiskAction.Truncate) { File = number, Length = length });
        }

        protected override void Dispose(bool disposing) => real.Dispose();

        private static void Throw(Errno error, string action)
        {
            if (error != Errno.Ok)
                throw new LinuxException(error, action);
        }
    }
}
