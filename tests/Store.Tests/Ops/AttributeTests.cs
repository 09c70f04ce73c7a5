using ClawFS.Linux;
using ClawFS.Vfs;

namespace ClawFS.Store.Tests.Ops;

public sealed class AttributeTests : IDisposable
{
    private readonly StoreFixture store = new();
    private readonly TreeUser user;
    private readonly ulong file;

    public AttributeTests()
    {
        user = store.User;
        file = user.File(TreeUser.Root, "f");
    }

    [Fact]
    public void Attributes_survive_a_reopen_to_the_nanosecond()
    {
        var time = new Timestamp(-123_456, 789_012_345);
        var set = new SetAttr
        {
            Fields = SetAttrFields.Mode | SetAttrFields.Uid | SetAttrFields.Gid | SetAttrFields.Atime | SetAttrFields.Mtime,
            Mode = 0xE3F,
            Uid = 4_000_000_000,
            Gid = 7,
            Atime = time,
            Mtime = new Timestamp(1L << 33, 1),
        };
        TreeUser.Ok(store.Tree.SetAttr(user.Request, file, set, out Attr before, out _));
        store.Reopen();
        Attr after = store.User.Attr(file);
        Assert.Equal(before, after);
        Assert.Equal((0x8E3Fu, 4_000_000_000u, 7u), (after.Mode, after.Uid, after.Gid));
        Assert.Equal(time, after.Atime);
        Assert.Equal(new Timestamp(1L << 33, 1), after.Mtime);
    }

    [Fact]
    public void A_new_owner_takes_setuid_away_and_setgid_only_from_programs()
    {
        Assert.Equal(Errno.Ok, user.Chmod(file, 0xDE8));
        TreeUser.Ok(store.Tree.SetAttr(user.Request, file, new SetAttr { Fields = SetAttrFields.Uid, Uid = 5 }, out Attr attr, out _));
        Assert.Equal(0x81E8u, attr.Mode);
        Assert.Equal(Errno.Ok, user.Chmod(file, 0xDA0));
        TreeUser.Ok(store.Tree.SetAttr(user.Request, file, new SetAttr { Fields = SetAttrFields.Gid, Gid = 5 }, out attr, out _));
        Assert.Equal(0x85A0u, attr.Mode);
        ulong folder = user.Folder(TreeUser.Root, "d", 0xDFF);
        TreeUser.Ok(store.Tree.SetAttr(user.Request, folder, new SetAttr { Fields = SetAttrFields.Uid, Uid = 5 }, out attr, out _));
        Assert.Equal(0x4DFFu, attr.Mode);
    }

    [Fact]
    public void A_write_that_says_so_takes_setuid_away()
    {
        Assert.Equal(Errno.Ok, user.Chmod(file, 0x9FF));
        TreeUser.Ok(store.Tree.Write(user.Request, file, 0, 0, new byte[1], false, true, out _));
        Assert.Equal(0x81FFu, user.Attr(file).Mode);
    }

    [Fact]
    public void Extended_attributes_follow_their_flags_and_survive_a_reopen()
    {
        byte[] large = new byte[65_536];
        large[^1] = 7;
        Assert.Equal(Errno.Ok, user.SetXattr(file, "user.large", large));
        Assert.Equal(Errno.Ok, user.SetXattr(file, "user.\xff\x80", [1]));
        Assert.Equal(Errno.Ok, user.SetXattr(file, "trusted.empty", []));
        Assert.Equal(Errno.EEXIST, user.SetXattr(file, "user.large", [1], 1));
        Assert.Equal(Errno.ENODATA, user.SetXattr(file, "user.none", [1], 2));
        Assert.Equal(Errno.E2BIG, user.SetXattr(file, "user.larger", new byte[65_537]));
        Assert.Equal(Errno.EOPNOTSUPP, user.SetXattr(file, "system.posix_acl_access", [1]));
        Assert.Equal(Errno.EOPNOTSUPP, user.SetXattr(file, "system.other", [1]));
        Assert.Equal(Errno.Ok, user.SetXattr(file, "user.claw.score", [1]));
        store.Reopen();
        TreeUser now = store.User;
        Assert.Equal(large, now.GetXattr(file, "user.large")!);
        Assert.Equal([1], now.GetXattr(file, "user.\xff\x80")!);
        Assert.Empty(now.GetXattr(file, "trusted.empty")!);
        Assert.Null(now.GetXattr(file, "user.claw.score"));
        Assert.Equal(Errno.ERANGE, store.Tree.GetXattr(now.Request, file, "user.large"u8, new byte[100], out _));
        byte[] names = new byte[100];
        TreeUser.Ok(store.Tree.ListXattr(now.Request, file, names, out int length));
        Assert.Equal(["trusted.empty", "user.large", "user.\xff\x80"],
            System.Text.Encoding.Latin1.GetString(names, 0, length).TrimEnd('\0').Split('\0').Order(StringComparer.Ordinal));
        Assert.Equal(Errno.ERANGE, store.Tree.ListXattr(now.Request, file, new byte[5], out _));
        Assert.Equal(Errno.Ok, store.Tree.RemoveXattr(now.Request, file, "user.large"u8));
        Assert.Equal(Errno.ENODATA, store.Tree.RemoveXattr(now.Request, file, "user.large"u8));
    }

    [Fact]
    public void All_extended_attributes_of_a_file_have_a_limit()
    {
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(Errno.Ok, user.SetXattr(file, $"user.{i}", new byte[65_536]));
        }
        Assert.Equal(Errno.ENOSPC, user.SetXattr(file, "user.4", new byte[65_536]));
        Assert.Equal(Errno.Ok, user.SetXattr(file, "user.0", new byte[10]));
        Assert.Equal(Errno.Ok, user.SetXattr(file, "user.4", new byte[65_536]));
    }

    [Fact]
    public void The_quota_refuses_content_with_EDQUOT_and_removing_makes_room()
    {
        using var small = new StoreFixture(quota: 1 << 20);
        TreeUser owner = small.User;
        ulong big = owner.File(TreeUser.Root, "big");
        owner.Write(big, 0, new byte[900_000]);
        Assert.Equal(Errno.EDQUOT, small.Tree.Write(owner.Request, big, 0, 900_000, new byte[200_000], false, false, out _));
        Assert.Equal(900_000UL, owner.Attr(big).Size);
        TreeUser.Ok(small.Tree.StatFs(owner.Request, 0, out StatFs stat));
        Assert.Equal((1UL << 20) / 4096, stat.Blocks);
        Assert.Equal(Errno.Ok, owner.Truncate(big, 0));
        owner.Write(big, 0, new byte[900_000]);
        small.Reopen();
        Assert.Equal(1UL << 20, small.Store.Statistics.QuotaBytes);
        small.Store.SetQuota(0);
        small.User.Write(big, 900_000, new byte[200_000]);
        small.Store.SetQuota(500_000);
        Assert.Equal(Errno.EDQUOT, small.Tree.MkDir(small.User.Request, TreeUser.Root, "d"u8, 0x1ED, out _));
        Assert.Equal(Errno.Ok, small.User.Unlink(TreeUser.Root, "big"));
        small.User.Folder(TreeUser.Root, "d");
    }

    [Fact]
    public void A_store_opened_read_only_shows_everything_and_changes_nothing()
    {
        user.Write(file, 0, "kept"u8);
        store.Reopen(readOnly: true);
        TreeUser reader = store.User;
        Assert.Equal("kept"u8.ToArray(), reader.ReadAll(reader.Find(TreeUser.Root, "f")));
        Assert.Equal(["f"], reader.List(TreeUser.Root));
        Assert.Equal(Errno.EROFS, store.Tree.Write(reader.Request, file, 0, 0, "x"u8, false, false, out _));
        Assert.Equal(Errno.EROFS, reader.Truncate(file, 0));
        Assert.Equal(Errno.EROFS, reader.Chmod(file, 0));
        Assert.Equal(Errno.EROFS, reader.Unlink(TreeUser.Root, "f"));
        Assert.Equal(Errno.EROFS, reader.Rename(TreeUser.Root, "f", TreeUser.Root, "g"));
        Assert.Equal(Errno.EROFS, reader.SetXattr(file, "user.a", []));
        Assert.Equal(Errno.EROFS, store.Tree.RemoveXattr(reader.Request, file, "user.a"u8));
        Assert.Equal(Errno.EROFS, reader.HardLink(file, TreeUser.Root, "g"));
        Assert.Equal(Errno.EROFS, reader.Fallocate(file, 0, 1, 3));
        Assert.Equal(Errno.EROFS, store.Tree.Open(reader.Request, file, 0x201, false, out _));
        Assert.Equal(Errno.EROFS, store.Tree.Create(reader.Request, TreeUser.Root, "g"u8, 0, 0, out _, out _));
        Assert.Equal(Errno.EROFS, store.Tree.TmpFile(reader.Request, TreeUser.Root, 0, 0, out _, out _));
        Assert.Equal(Errno.EROFS, Assert.Throws<StoreException>(() => store.Store.SetQuota(1)).Error);
    }

    public void Dispose() => store.Dispose();
}
