using ClawFS.Linux;
using ClawFS.Store.Tests.Ops;
using ClawFS.Vfs;

namespace ClawFS.Store.Tests.Browse;

public sealed class StoreBrowserTests : IDisposable
{
    private readonly StoreFixture store = new();
    private readonly StoreBrowser browser;

    public StoreBrowserTests() => browser = new StoreBrowser(store.Tree, 1000, 1000);

    [Fact]
    public void What_is_put_can_be_listed_and_got_again()
    {
        byte[] content = new byte[3_000_001];
        new Random(1).NextBytes(content);
        Put("memory/notes/a.md", content);
        Put("memory/b.md", "b"u8.ToArray());
        Assert.Equal(["b.md", "notes"], browser.List("memory").Select(static e => e.Name));
        Assert.Equal("memory/notes/a.md", Assert.Single(browser.List("/memory/notes/")).Path);
        Assert.Equal(content, Get("memory/notes/a.md"));
        StoreEntry file = browser.Resolve("memory/notes/a.md");
        Assert.Equal((3_000_001UL, 1000u, 0x8180u), (file.Attr.Size, file.Attr.Uid, file.Attr.Mode));
        Assert.True(browser.Resolve("memory").IsFolder);
        Assert.True(browser.Resolve("").IsFolder);
        Assert.Equal(0, store.Store.Statistics.KnownNodes);
    }

    [Fact]
    public void Replacing_keeps_mode_and_owner_and_a_source_that_fails_keeps_the_old_content()
    {
        Put("memory/a", "old"u8.ToArray());
        ulong node = browser.Resolve("memory/a").Attr.Ino;
        TreeUser.Ok(store.Tree.SetAttr(store.User.Request, node, new SetAttr { Fields = SetAttrFields.Mode | SetAttrFields.Uid, Mode = 0x1A4, Uid = 7 }, out _, out _));
        Put("memory/a", "new"u8.ToArray());
        Assert.Equal("new"u8.ToArray(), Get("memory/a"));
        Assert.Equal((0x81A4u, 7u), (browser.Resolve("memory/a").Attr.Mode, browser.Resolve("memory/a").Attr.Uid));

        Assert.Throws<IOException>(() => browser.Write("memory/a", new FailingStream()));
        Assert.Equal("new"u8.ToArray(), Get("memory/a"));
        Assert.Equal(["a"], browser.List("memory").Select(static e => e.Name));
        Assert.Equal(4, store.Store.Statistics.Inodes);
    }

    [Theory]
    [InlineData("memory/none", Errno.ENOENT)]
    [InlineData("none/none", Errno.ENOENT)]
    [InlineData("memory/file/x", Errno.ENOTDIR)]
    [InlineData("memory/../file", Errno.EINVAL)]
    [InlineData("memory/\0", Errno.EINVAL)]
    public void A_path_that_leads_nowhere_is_named_with_the_reason(string path, Errno expected)
    {
        Put("memory/file", []);
        StoreException refused = Assert.Throws<StoreException>(() => browser.Resolve(path));
        Assert.Equal(expected, refused.Error);
        Assert.StartsWith(path + ": ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Folders_are_no_files_and_files_no_folders()
    {
        Put("memory/file", []);
        Assert.Equal(Errno.EISDIR, Assert.Throws<StoreException>(() => Get("memory")).Error);
        Assert.Equal(Errno.EISDIR, Assert.Throws<StoreException>(() => Put("memory", [])).Error);
        Assert.Equal(Errno.ENOTDIR, Assert.Throws<StoreException>(() => Put("memory/file/x", [])).Error);
        Assert.Equal(Errno.ENOTDIR, Assert.Throws<StoreException>(() => browser.List("memory/file")).Error);
        Assert.Equal(Errno.EINVAL, Assert.Throws<StoreException>(() => Put("", [])).Error);
    }

    [Fact]
    public void Removing_takes_a_folder_only_when_empty_or_told_to()
    {
        Put("memory/d/e/f", []);
        Assert.Equal(Errno.ENOTEMPTY, Assert.Throws<StoreException>(() => browser.Remove("memory/d")).Error);
        browser.Remove("memory/d", recursive: true);
        Assert.False(browser.Exists("memory/d"));
        Put("memory/g", []);
        browser.Remove("memory/g");
        Assert.Empty(browser.List("memory"));
        Assert.Equal(Errno.EBUSY, Assert.Throws<StoreException>(() => browser.Remove("/")).Error);
    }

    [Fact]
    public void Names_that_are_no_UTF8_are_shown_with_escapes_and_found_by_them()
    {
        browser.MakeFolders("memory");
        ulong folder = browser.Resolve("memory").Attr.Ino;
        TreeUser user = store.User;
        user.Write(user.File(folder, "a\xff\xc3"), 0, "raw"u8);
        user.Write(user.File(folder, "back\\x41slash"), 0, "literal"u8);
        Assert.Equal(["a\\xff\\xc3", "back\\x41slash"], browser.List("memory").Select(static e => e.Name));
        Assert.Equal("raw"u8.ToArray(), Get("memory/a\\xff\\xc3"));
        Assert.Equal("literal"u8.ToArray(), Get("memory/back\\x41slash"));
        browser.Remove("memory", recursive: true);
        Assert.Empty(browser.List(""));
    }

    [Fact]
    public void A_tree_is_copied_out_with_links_and_without_devices()
    {
        Put("memory/d/f", "content"u8.ToArray());
        ulong folder = browser.Resolve("memory/d").Attr.Ino;
        store.User.Link(folder, "l", "f");
        TreeUser.Ok(store.Tree.MkNod(store.User.Request, folder, "pipe"u8, Vfs.FileMode.Fifo | 0x180, 0, out _));
        using var scratch = new ScratchFolder();
        var skipped = new List<string>();
        browser.ReadTree("memory", scratch.File("out"), skipped.Add);
        Assert.Equal("content", File.ReadAllText(scratch.File("out/d/f")));
        Assert.Equal("f", new FileInfo(scratch.File("out/d/l")).LinkTarget);
        Assert.StartsWith("memory/d/pipe: ", Assert.Single(skipped), StringComparison.Ordinal);
        Assert.Equal(Errno.EEXIST, Assert.Throws<StoreException>(() => browser.ReadTree("memory", scratch.File("out"), skipped.Add)).Error);
    }

    public void Dispose() => store.Dispose();

    private void Put(string path, byte[] content) => browser.Write(path, new MemoryStream(content));

    private byte[] Get(string path)
    {
        var to = new MemoryStream();
        browser.Read(path, to);
        return to.ToArray();
    }

    private sealed class FailingStream : MemoryStream
    {
        public FailingStream() : base(new byte[3 << 20])
        {
        }

        public override int Read(Span<byte> buffer) => Position > 1 << 20 ? throw new IOException("the source broke") : base.Read(buffer);
    }
}
