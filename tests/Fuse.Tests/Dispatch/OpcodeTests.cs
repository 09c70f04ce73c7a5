using ClawFS.Fuse;
using ClawFS.Linux;
using static Fuse.Tests.Dispatch.RequestBytes;

namespace Fuse.Tests.Dispatch;

/// <summary>Every opcode: what the tree is asked, and the reply byte by byte.</summary>
public sealed class OpcodeTests : IDisposable
{
    private static readonly byte[] AttrBytes = Bytes(
        0x0102030405060708UL, 11UL, 12UL, -13L, 15L, 17L, 14u, 16u, 18u, 0x81A4u, 21u, 22u, 23u, 0x12345678u, 4096u, 0u);

    private static readonly byte[] EntryBytes = Bytes(77UL, 5UL, 30UL, 40UL, 0u, 0u, AttrBytes);
    private static readonly byte[] OpenBytes = Bytes(0xABCDEFUL, 3u, 0u);
    private static readonly byte[] AttrReply = Bytes(50UL, 0u, 0u, AttrBytes);

    private readonly ScriptedTree tree = new();
    private readonly Harness harness;

    public OpcodeTests() => harness = new Harness(tree);

    public void Dispose() => harness.Dispose();

    private void Check(FuseOpcode opcode, object[] body, string asked, byte[] reply)
    {
        byte[] payload = harness.Must(opcode, 9, body);
        Assert.Equal($"1000:100:4242 {asked}", tree.Last);
        Assert.Equal(Convert.ToHexString(reply), Convert.ToHexString(payload));
        Assert.Empty(harness.Bugs);
    }

    [Fact]
    public void Requests_about_names_arrive_and_are_answered()
    {
        Check(FuseOpcode.Lookup, ["näme\n"], "lookup 9 näme\n", EntryBytes);
        Check(FuseOpcode.Lookup, ["negative"], "lookup 9 negative", Bytes(0UL, 0UL, 9UL, 0UL, new byte[96]));
        Check(FuseOpcode.SymLink, ["n", "../t"], "symlink 9 n ../t", EntryBytes);
        Check(FuseOpcode.MkNod, [0x1180u, 7u, 18u, 0u, "n"], "mknod 9 n 4480 7", EntryBytes);
        Check(FuseOpcode.MkDir, [0x1EDu, 18u, "n"], "mkdir 9 n 493", EntryBytes);
        Check(FuseOpcode.Unlink, ["n"], "unlink 9 n", []);
        Check(FuseOpcode.RmDir, ["n"], "rmdir 9 n", []);
        Check(FuseOpcode.Rename, [8UL, "n", "m"], "rename 9 n 8 m 0", []);
        Check(FuseOpcode.Rename2, [8UL, 2u, 0u, "n", "m"], "rename 9 n 8 m 2", []);
        Check(FuseOpcode.Link, [8UL, "n"], "link 8 9 n", EntryBytes);
    }

    [Fact]
    public void Requests_about_open_files_arrive_and_are_answered()
    {
        Check(FuseOpcode.Open, [0x8002, 1u], "open 9 32770 True", OpenBytes);
        Check(FuseOpcode.Create, [0x8041, 0x81A4u, 18u, 0u, "n"], "create 9 n 33188 32833", [.. EntryBytes, .. OpenBytes]);
        Check(FuseOpcode.TmpFile, [0x410002, 0x8180u, 18u, 0u, "/"], "tmpfile 9 33152 4259842", [.. EntryBytes, .. OpenBytes]);
        Check(FuseOpcode.Read, [5UL, 6UL, 100u, 0u, 0UL, 0u, 0u], "read 9 5 6 100", "data"u8.ToArray());
        Check(FuseOpcode.Write, [5UL, 6UL, 3u, 5u, 0UL, 0u, 0u, "abc"u8.ToArray()], "write 9 5 6 abc True True", Bytes(3u, 0u));
        Check(FuseOpcode.Write, [5UL, 6UL, 2u, 2u, 0UL, 0u, 0u, "abc"u8.ToArray()], "write 9 5 6 ab False False", Bytes(2u, 0u));
        Check(FuseOpcode.Flush, [5UL, 0u, 0u, 0UL], "flush 9 5", []);
        Check(FuseOpcode.Fsync, [5UL, 1u, 0u], "fsync 9 5 True", []);
        Check(FuseOpcode.Release, [5UL, 0x8001, 0u, 0UL], "release 9 5 32769", []);
        Check(FuseOpcode.Fallocate, [5UL, 6UL, 7UL, 3u, 0u], "fallocate 9 5 6 7 3", []);
        Check(FuseOpcode.Seek, [5UL, 6UL, 3, 0u], "seek 9 5 6 3", Bytes(4096UL));
        Check(FuseOpcode.CopyFileRange, [5UL, 6UL, 7UL, 8UL, 10UL, 11UL, 0UL], "copy 9 5 6 7 8 10 11", Bytes(33u, 0u));
        Check(FuseOpcode.CopyFileRange64, [5UL, 6UL, 7UL, 8UL, 10UL, 11UL, 0UL], "copy 9 5 6 7 8 10 11", Bytes(33UL));
        Check(FuseOpcode.Poll, [5UL, 6UL, 1u, 0x41u], "poll 9 5 6 True 65", Bytes(1u, 0u));
    }

    [Fact]
    public void Requests_about_folders_arrive_and_are_answered()
    {
        byte[] Dirent(ulong ino, ulong next, uint type, string name) =>
            Bytes(ino, next, (uint)name.Length, type, System.Text.Encoding.UTF8.GetBytes(name), new byte[-name.Length & 7]);
        byte[] dot = Dirent(1, 1, 4, "."), eight = Dirent(0x0102030405060708, 2, 8, "12345678"), x = Dirent(0x0102030405060708, 3, 8, "x");
        Check(FuseOpcode.OpenDir, [0x10000, 0u], "opendir 9", Bytes(0UL, 0xAu, 0u));
        Check(FuseOpcode.ReadDir, [5UL, 0UL, 4096u, 0u, 0UL, 0u, 0u], "readdir 9 0 False", [.. dot, .. eight, .. x]);
        Check(FuseOpcode.ReadDirPlus, [5UL, 0UL, 4096u, 0u, 0UL, 0u, 0u], "readdir 9 0 True",
            [.. new byte[128], .. dot, .. EntryBytes, .. eight, .. EntryBytes, .. x]);
        Check(FuseOpcode.ReadDir, [5UL, 1UL, 4096u, 0u, 0UL, 0u, 0u], "readdir 9 1 False", []);
        Check(FuseOpcode.ReadDir, [5UL, 0UL, 32u, 0u, 0UL, 0u, 0u], "readdir 9 0 False", dot);
        Check(FuseOpcode.ReadDir, [5UL, 0UL, 95u, 0u, 0UL, 0u, 0u], "readdir 9 0 False", [.. dot, .. eight]);
        Check(FuseOpcode.ReadDirPlus, [5UL, 0UL, 159u, 0u, 0UL, 0u, 0u], "readdir 9 0 True", []);
        Check(FuseOpcode.ReadDirPlus, [5UL, 0UL, 160u, 0u, 0UL, 0u, 0u], "readdir 9 0 True", [.. new byte[128], .. dot]);
        Check(FuseOpcode.FsyncDir, [5UL, 0u, 0u], "fsyncdir 9", []);
        Assert.Empty(harness.Must(FuseOpcode.ReleaseDir, 9, 5UL, 0x10000, 0u, 0UL));
    }

    [Fact]
    public void Where_folders_need_no_open_the_kernel_is_told_so_and_listings_go_on_without_a_handle()
    {
        harness.FoldersNeedNoOpen = true;
        harness.Fails(Errno.ENOSYS, FuseOpcode.OpenDir, 9, 0x10000, 0u);
        Assert.Empty(tree.Log);
        Assert.NotEmpty(harness.Must(FuseOpcode.ReadDir, 9, 0UL, 0UL, 4096u, 0u, 0UL, 0u, 0u));
        Assert.Empty(harness.Must(FuseOpcode.FsyncDir, 9, 0UL, 0u, 0u));
    }

    [Fact]
    public void Requests_about_attributes_arrive_and_are_answered()
    {
        Check(FuseOpcode.GetAttr, [0u, 0u, 5UL], "getattr 9 0", AttrReply);
        Check(FuseOpcode.GetAttr, [1u, 0u, 5UL], "getattr 9 5", AttrReply);
        Check(FuseOpcode.SetAttr, [0xF7Fu, 0u, 5UL, 6UL, 0UL, 7L, -8L, 9L, 1u, 2u, 3u, 0x1A4u, 0u, 44u, 55u, 0u],
            "setattr 9 3455 5 6 Timestamp { Seconds = 7, Nanoseconds = 1 } Timestamp { Seconds = -8, Nanoseconds = 2 } Timestamp { Seconds = 9, Nanoseconds = 3 } 420 44 55",
            AttrReply);
        byte[] statx = Bytes(0xFFFu, 4096u, 0UL, 21u, 22u, 23u, (ushort)0x81A4, (ushort)0, 0x0102030405060708UL, 11UL, 12UL, 0UL,
            -13L, 14u, 0u, 19L, 20u, 0u, 17L, 18u, 0u, 15L, 16u, 0u, 0x456u, 0x12378u, 0u, 0u, new byte[112]);
        Check(FuseOpcode.Statx, [1u, 0u, 5UL, 0u, 0xFFFu], "getattr 9 5", Bytes(50UL, 0u, 0u, 0UL, 0UL, statx));
        Check(FuseOpcode.ReadLink, [], "readlink 9", "there"u8.ToArray());
        Check(FuseOpcode.StatFs, [], "statfs 9", Bytes(2UL, 3UL, 4UL, 5UL, 6UL, 1u, 7u, 1u, 0u, new byte[24]));
        Check(FuseOpcode.SyncFs, [0UL], "syncfs 9", []);
    }

    [Fact]
    public void Requests_about_extended_attributes_arrive_and_are_answered()
    {
        Check(FuseOpcode.SetXattr, [3u, 1, "user.x", "abc"u8.ToArray()], "setxattr 9 user.x abc 1", []);
        Check(FuseOpcode.GetXattr, [10u, 0u, "user.x"], "getxattr 9 user.x 10", "val"u8.ToArray());
        Check(FuseOpcode.GetXattr, [0u, 0u, "user.x"], "getxattr 9 user.x 0", Bytes(3u, 0u));
        Check(FuseOpcode.ListXattr, [10u, 0u], "listxattr 9 10", "user.a\0"u8.ToArray());
        Check(FuseOpcode.ListXattr, [0u, 0u], "listxattr 9 0", Bytes(7u, 0u));
        Check(FuseOpcode.RemoveXattr, ["user.x"], "removexattr 9 user.x", []);
        harness.Fails(Errno.ERANGE, FuseOpcode.GetXattr, 9, 2u, 0u, "user.x");
        harness.Fails(Errno.ERANGE, FuseOpcode.ListXattr, 9, 2u, 0u);
        harness.Fails(Errno.ERANGE, FuseOpcode.GetXattr, 9, 10u, 0u, new string('x', 256));
    }

    [Fact]
    public void Forgets_are_counted_and_never_answered()
    {
        Assert.Null(harness.Ask(FuseOpcode.Forget, 9, 3UL));
        Assert.Null(harness.Ask(FuseOpcode.BatchForget, 0, 2u, 0u, 5UL, 1UL, 6UL, 2UL));
        Assert.Equal(["forget 9 3", "forget 5 1", "forget 6 2"], tree.Log);
    }

    [Fact]
    public void What_is_not_offered_says_so()
    {
        harness.Fails(Errno.ENOSYS, FuseOpcode.Access, 9, 4u, 0u);
        harness.Fails(Errno.ENOSYS, FuseOpcode.Bmap, 9, 0UL, 512u, 0u);
        harness.Fails(Errno.ENOSYS, FuseOpcode.GetLock, 9, new byte[48]);
        harness.Fails(Errno.ENOSYS, (FuseOpcode)54, 9);
        harness.Fails(Errno.ENOSYS, (FuseOpcode)0xFFFFFFFF, 9);
        harness.Fails(Errno.ENOTTY, FuseOpcode.Ioctl, 9, new byte[32]);
        harness.Fails(Errno.EINVAL, FuseOpcode.Init, 0, 7u, 45u, 0u, 0u);
        Assert.Empty(tree.Log);
    }

    [Fact]
    public void Destroy_reaches_the_tree_once()
    {
        harness.Must(FuseOpcode.Destroy, 0);
        harness.Must(FuseOpcode.Destroy, 0);
        Assert.Equal(["destroy"], tree.Log);
    }
}
