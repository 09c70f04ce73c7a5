using ClawFS.Linux;
using ClawFS.Store.Objects;
using ClawFS.Store.Rows;
using ClawFS.Store.Tests.Commit;
using ClawFS.Store.Tests.Ops;
using SQLitePCL;

namespace ClawFS.Store.Tests.Check;

public sealed class FsckTests : IDisposable
{
    private readonly StoreFixture store = new();
    private readonly ulong top, folder, file, other;
    private readonly byte[] content = new byte[300_000];

    public FsckTests()
    {
        TreeUser user = store.User;
        new Random(1).NextBytes(content);
        top = user.Folder(TreeUser.Root, "memory");
        folder = user.Folder(top, "notes");
        file = user.File(folder, "a.md");
        user.Write(file, 0, content);
        other = user.File(folder, "b.md");
        user.Write(other, 0, content);
        user.SetXattr(other, "user.x", new byte[100]);
        for (int i = 0; i < 500; i++)
        {
            user.Forget(user.File(top, $"many-{i}"));
        }
        foreach (ulong node in new[] { top, folder, file, other })
        {
            user.Forget(node);
        }
    }

    [Fact]
    public void A_sound_store_is_clean_and_counted()
    {
        FsckReport report = Check();
        Assert.Empty(report.Problems);
        Assert.True(report.Clean);
        Assert.Equal(506, report.Inodes);
        Assert.Equal(4, report.Folders);
        Assert.Equal(148, report.Blocks);
        Assert.Equal(148, report.BlocksChecked);
        Assert.StartsWith("clean: ", report.Summary, StringComparison.Ordinal);
        store.Reopen();
        Assert.True(Check().Clean);
    }

    [Fact]
    public void A_wrong_link_count_is_set_right()
    {
        Change(file, static inode => inode.Nlink = 7);
        Change(folder, static inode => inode.Nlink = 9);
        FindsAndMends(FsckCode.LinkCount, FsckCode.LinkCount);
        Assert.Equal((1u, 2u), (store.User.Attr(file).Nlink, store.User.Attr(folder).Nlink));
    }

    [Fact]
    public void Wrong_counters_of_the_store_are_set_right()
    {
        Change(file, static inode => inode.StoredBlocks = 3);
        store.Store.State.SetInodeCount(1);
        SegmentRecord segment = Assert.Single(store.Store.State.Segments.Snapshot());
        store.Store.State.Segments.Rebuild(segment.Id, 77, null);
        FindsAndMends(FsckCode.BlockCount, FsckCode.InodeCount, FsckCode.SegmentLive);
        Assert.Equal(506, store.Store.Statistics.Inodes);
        Assert.Equal(2 * (300_000 + 74 * 16), store.Store.Statistics.LiveBytes);
    }

    [Fact]
    public void An_inode_without_a_name_goes_to_lost_and_found()
    {
        Change(folder, inode => Assert.True(inode.Map.Remove(KeyOf(folder, "a.md"))));
        FindsAndMends(FsckCode.InodeLost);
        Assert.Equal(content, store.User.ReadAll(store.User.Peek(top, $"lost+found/{file}")));
        Assert.Equal(file, store.User.Peek(top, $"lost+found/{file}"));
    }

    [Fact]
    public void A_lost_folder_keeps_what_is_below_it()
    {
        Change(top, inode => Assert.True(inode.Map.Remove(KeyOf(top, "notes"))));
        FindsAndMends(FsckCode.InodeLost, FsckCode.LinkCount);
        Assert.Equal(file, store.User.Peek(top, $"lost+found/{folder}/a.md"));
        Assert.True(store.Tree.TryGetPath(file, out byte[] path));
        Assert.Equal($"memory/lost+found/{folder}/a.md", System.Text.Encoding.UTF8.GetString(path));
    }

    [Fact]
    public void An_entry_without_an_inode_goes()
    {
        Change(folder, inode => FolderNames.Add(inode, store.Store.State.Names, "ghost"u8, 999_999, 8));
        FindsAndMends(FsckCode.EntryDangling);
        Assert.Equal(["a.md", "b.md"], store.User.List(folder).Order());
    }

    [Fact]
    public void An_entry_of_another_type_or_at_another_place_is_put_right()
    {
        Change(folder, inode =>
        {
            FolderNames.Replace(inode, KeyOf(folder, "a.md"), "a.md"u8, file, 4);
            inode.Map.Remove(KeyOf(folder, "b.md"));
            FolderNames.Replace(inode, 1 << 20, "b.md"u8, other, 8);
        });
        Assert.Equal(0UL, store.User.Peek(folder, "b.md"));
        FindsAndMends(FsckCode.EntryMisplaced, FsckCode.EntryType);
        Assert.Equal(other, store.User.Peek(folder, "b.md"));
        Assert.Equal([0x8000u, 0x8000u], store.User.ReadDir(folder, 2, 9).Select(static e => e.Mode));
    }

    [Fact]
    public void A_folder_keeps_one_name_and_notes_where_that_is()
    {
        ulong second = store.User.Folder(top, "second");
        Change(top, inode => FolderNames.Add(inode, store.Store.State.Names, "again"u8, folder, 4));
        Change(second, static inode => inode.Parent = 3);
        FindsAndMends(FsckCode.FolderNamedTwice, FsckCode.FolderParent, FsckCode.LinkCount);
        Assert.Equal(folder, store.User.Peek(top, "notes"));
        Assert.Equal(0UL, store.User.Peek(top, "again"));
        Assert.Equal(top, store.User.ReadDir(second, 0, 2)[1].Node);
    }

    [Fact]
    public void A_circle_of_folders_is_opened()
    {
        ulong inner = store.User.Folder(folder, "inner");
        Change(top, inode => inode.Map.Remove(KeyOf(top, "notes")));
        Change(inner, inode => FolderNames.Add(inode, store.Store.State.Names, "loop"u8, folder, 4));
        Change(folder, inode => (inode.Parent, inode.NameKey) = (inner, KeyOf(inner, "loop")));
        FsckReport report = Check();
        Assert.Contains(report.Problems, static p => p.Code == FsckCode.FolderCycle);
        Mends();
        Assert.Contains(store.User.List(store.User.Peek(top, "lost+found")), name => name == $"{folder}" || name == $"{inner}");
        Assert.True(store.Tree.TryGetPath(file, out _));
    }

    [Fact]
    public void The_set_of_nameless_inodes_is_put_right()
    {
        lock (store.Store.State.Orphans)
        {
            store.Store.State.Dirty.Touch(store.Store.State.Orphans);
            store.Store.State.Orphans.Add(file);
            store.Store.State.Orphans.Add(888_888);
        }
        FindsAndMends(FsckCode.OrphanSet, FsckCode.OrphanSet);
        store.Reopen();
        Assert.Equal(content, store.User.ReadAll(file));
    }

    [Fact]
    public void A_damaged_block_is_found_with_its_path_and_cut_out()
    {
        byte[] bytes = [];
        string segment = "";
        uint offset = DataOf(file);
        store.Reopen(() =>
        {
            segment = Assert.Single(Directory.GetFiles(store.File("seg")));
            bytes = File.ReadAllBytes(segment);
            bytes[offset + 10 * 4096 + 100] ^= 1;
            File.WriteAllBytes(segment, bytes);
        });
        FsckReport report = store.Check(paths: true);
        FsckProblem problem = Assert.Single(report.Problems);
        Assert.Equal((FsckCode.BlockDamaged, "memory/notes/a.md"), (problem.Code, problem.Path));
        Assert.Contains("bytes 40960 to 45055", problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("a.md", Check().Problems[0].ToString(), StringComparison.Ordinal);
        Assert.Equal(Errno.EIO, store.Tree.Read(store.User.Request, file, 0, 40_960, new byte[10], out _));
        Assert.True(store.Check(data: false).Clean);
        Mends();
        content.AsSpan(40_960, 4096).Clear();
        Assert.Equal(content, store.User.ReadAll(file));
    }

    [Fact]
    public void A_missing_segment_empties_its_files_and_nothing_else()
    {
        store.Reopen(() => Directory.GetFiles(store.File("seg")).ToList().ForEach(File.Delete));
        HashSet<FsckCode> codes = [.. Check().Problems.Select(static p => p.Code)];
        Assert.Equal([FsckCode.ExtentOutside, FsckCode.SegmentFile], codes.Order());
        Mends();
        Assert.Equal(new byte[300_000], store.User.ReadAll(file));
        Assert.Equal(0, store.Store.Statistics.LiveBytes);
    }

    [Fact]
    public void A_truncated_segment_keeps_what_is_left()
    {
        store.Reopen(() =>
        {
            using FileStream segment = File.OpenWrite(Assert.Single(Directory.GetFiles(store.File("seg"))));
            segment.SetLength(400_000);
        });
        Assert.Contains(Check().Problems, static p => p.Code == FsckCode.ExtentOutside);
        Mends();
        Assert.Equal(content, store.User.ReadAll(file));
    }

    [Fact]
    public void A_stray_segment_and_a_stray_row_go()
    {
        store.Store.Close();
        Sql("INSERT INTO rows VALUES(777777, x'00')");
        store.OpenNow();
        File.WriteAllBytes(store.File("seg", "00000000000fffff"), new byte[100]);
        FindsAndMends(FsckCode.RowStray, FsckCode.SegmentStray);
        Assert.False(File.Exists(store.File("seg", "00000000000fffff")));
    }

    [Fact]
    public void A_damaged_inode_loses_its_name_and_its_rows()
    {
        Damage(file);
        FsckReport report = store.Check(paths: true);
        Assert.Contains(report.Problems, static p => p is { Code: FsckCode.InodeDamaged, Path: "memory/notes/a.md" });
        Assert.Contains(report.Problems, static p => p is { Code: FsckCode.EntryDangling, Path: "memory/notes" });
        Mends();
        Assert.Equal(["b.md"], store.User.List(folder));
        Assert.Equal(content, store.User.ReadAll(other));
        Assert.Equal(505 + 1 - 1, store.Store.Statistics.Inodes);
    }

    [Fact]
    public void A_damaged_inode_that_is_in_memory_is_written_again()
    {
        _ = store.User.Attr(file);
        store.Store.Commit();
        SqlBeside($"UPDATE rows SET body = zeroblob(length(body)) WHERE id = {file}");
        Assert.Contains(Check().Problems, static p => p.Code == FsckCode.InodeDamaged);
        Mends();
        store.Reopen();
        Assert.Equal(content, store.User.ReadAll(file));
    }

    [Fact]
    public void A_damaged_page_of_names_loses_the_names_but_not_the_files()
    {
        ulong page = store.Store.State.Cache.Pin(top) is var lease ? lease.Inode.Map.OwnedRows().First() : 0;
        lease.Dispose();
        Damage(page);
        FsckReport report = Check();
        Assert.Contains(report.Problems, p => p.Code == FsckCode.PageDamaged && p.Object == top);
        int lost = report.Problems.Count(static p => p.Code == FsckCode.InodeLost);
        Assert.InRange(lost, 10, 300);
        Mends();
        Assert.Equal(lost, store.User.List(store.User.Peek(top, "lost+found")).Count);
    }

    [Fact]
    public void A_damaged_root_folder_is_made_anew_and_its_tops_are_found()
    {
        Damage(StoreHead.RootFolder);
        Assert.Contains(Check().Problems, static p => p.Code == FsckCode.InodeDamaged);
        Mends();
        ulong now = store.User.Peek(TreeUser.Root, "memory");
        Assert.Equal(file, store.User.Peek(now, $"lost+found/{top}/notes/a.md"));
    }

    [Theory]
    [InlineData(StoreHead.Orphans)]
    [InlineData(StoreHead.Segments)]
    public void A_damaged_set_is_made_anew_at_open(ulong set)
    {
        Damage(set);
        Assert.Contains(store.Reports, r => r.Contains($"set {set} is damaged", StringComparison.Ordinal));
        Assert.Equal(content, store.User.ReadAll(file));
        store.IsClean();
        store.Reopen();
        store.Reports.Clear();
        store.Reopen();
        Assert.Empty(store.Reports);
    }

    [Fact]
    public void A_damaged_segment_record_is_made_anew()
    {
        ulong segment = Assert.Single(store.Store.State.Segments.Snapshot()).Id;
        Damage(segment);
        Assert.Equal(Errno.EIO, store.Tree.Read(store.User.Request, file, 0, 0, new byte[10], out _));
        Assert.Contains(Check().Problems, static p => p.Code == FsckCode.SegmentRecord);
        Mends();
        store.Reopen();
        Assert.Equal(content, store.User.ReadAll(file));
        Assert.Equal(2 * (300_000 + 74 * 16), store.Store.Statistics.LiveBytes);
    }

    [Fact]
    public void Damage_of_any_single_row_never_throws_and_is_mended()
    {
        store.Store.Commit();
        ulong[] rows = [.. store.Store.Rows.Ids()];
        var random = new Random(5);
        foreach (ulong row in rows.Where(r => r < 40 || random.Next(60) == 0))
        {
            using StoreFixture copy = store.Copy(open: false);
            using (var connection = new SqliteConnection(copy.File(SqliteRows.FileName), raw.SQLITE_OPEN_READWRITE, $"UPDATE rows SET body = substr(body, 1, 12) WHERE id = {row}"))
            {
                connection.Checkpoint();
            }
            copy.OpenNow();
            FsckReport found = copy.Check();
            FsckReport mended = copy.Check(repair: true);
            Assert.True(mended.Clean, $"row {row}: {string.Join("; ", mended.Remaining)}");
            Assert.True(copy.Check().Clean);
            Assert.True(found.Problems.Count > 0 || row is StoreHead.Orphans or StoreHead.Segments, $"row {row} was found sound");
        }
    }

    [Fact]
    public void Damage_of_the_freshness_tree_is_found_and_never_thrown()
    {
        store.Reopen(() => Sql("UPDATE rows SET body = zeroblob(length(body)) WHERE id = (1 << 62)"));
        FsckReport report = store.Check(repair: true);
        Assert.Contains(report.Problems, static p => p.Code == FsckCode.FreshnessTree);
        Assert.Contains(report.Problems, static p => p.Code == FsckCode.CommitFailed);
        Assert.False(report.Clean);
    }

    [Fact]
    public void A_read_only_store_is_checked_and_not_repaired()
    {
        Change(file, static inode => inode.Nlink = 7);
        store.Reopen(readOnly: true);
        Assert.Equal(FsckCode.LinkCount, Assert.Single(Check().Problems).Code);
        Assert.Equal(Errno.EROFS, Assert.Throws<StoreException>(() => store.Check(repair: true)).Error);
    }

    public void Dispose() => store.Dispose();

    /// <summary>Where the blocks of a file begin in its segment.</summary>
    private uint DataOf(ulong inode)
    {
        using ClawFS.Store.Objects.InodeLease lease = store.Store.State.Cache.Pin(inode);
        Assert.True(ClawFS.Store.Objects.Extents.TryFrom(lease.Inode, 0, out ClawFS.Store.Objects.Extent extent));
        return extent.Offset;
    }

    private FsckReport Check() => store.Check();

    private void FindsAndMends(params FsckCode[] expected)
    {
        Assert.Equal(expected.Order(), Check().Problems.Select(static p => p.Code).Order());
        Mends();
    }

    private void Mends()
    {
        FsckReport mended = store.Check(repair: true);
        Assert.True(mended.Clean, string.Join("; ", mended.Remaining));
        Assert.NotEmpty(mended.Repaired);
        FsckReport again = Check();
        Assert.True(again.Clean, string.Join("; ", again.Problems));
        store.Reopen();
        again = Check();
        Assert.True(again.Clean, string.Join("; ", again.Problems));
    }

    private void Change(ulong id, Action<Inode> change)
    {
        using InodeLease lease = store.Store.State.Cache.Pin(id);
        lock (lease.Inode)
        {
            store.Store.State.Dirty.Touch(lease.Inode);
            change(lease.Inode);
        }
    }

    private ulong KeyOf(ulong parent, string name)
    {
        using InodeLease lease = store.Store.State.Cache.Pin(parent);
        Assert.True(FolderNames.TryFind(lease.Inode, store.Store.State.Names, TreeUser.Bytes(name), out DirectoryEntry entry));
        return entry.Key;
    }

    private void Damage(ulong row) => store.Reopen(() => Sql($"UPDATE rows SET body = zeroblob(length(body)) WHERE id = {row}"));

    /// <summary>Works on claw.db of the closed store.</summary>
    private void Sql(string sql)
    {
        using var connection = new SqliteConnection(store.File(SqliteRows.FileName), raw.SQLITE_OPEN_READWRITE, sql);
        connection.Checkpoint();
    }

    /// <summary>Works on claw.db of the open store.</summary>
    private void SqlBeside(string sql)
    {
        using var connection = new SqliteConnection(store.File(SqliteRows.FileName), raw.SQLITE_OPEN_READWRITE, sql);
    }
}
