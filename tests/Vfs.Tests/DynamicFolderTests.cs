using System.Text;
using ClawFS.Linux;

namespace ClawFS.Vfs.Tests;

public sealed class DynamicFolderTests
{
    private readonly Echoes folder = new();
    private readonly Mount mount;

    public DynamicFolderTests() => mount = new(new GeneratedFolder().Add("words", folder));

    [Fact]
    public void A_lookup_makes_a_node_that_stays_while_the_kernel_knows_it()
    {
        Entry first = mount.Lookup("words/hello");
        Entry again = mount.Lookup("words/hello");
        Assert.Equal(first.Node, again.Node);
        Assert.Equal(1, folder.Made);
        mount.Table.Forget(first.Node, 1);
        Assert.Equal(Errno.Ok, mount.Table.GetAttr(new FakeRequest(), first.Node, 0, out _, out _));
        mount.Table.Forget(first.Node, 1);
        Assert.Equal(Errno.ENOENT, mount.Table.GetAttr(new FakeRequest(), first.Node, 0, out _, out _));
        Assert.Equal("HELLO", mount.Cat("words/hello"));
        Assert.Equal(2, folder.Made);
    }

    [Fact]
    public void Names_the_folder_does_not_know_are_enoent() =>
        Assert.Equal(Errno.ENOENT, mount.TryLookup(folder.Ino, ".git"));

    [Fact]
    public void Listed_dynamic_names_carry_the_inode_number_of_a_later_lookup()
    {
        Assert.Equal([".", "..", "sample"], mount.List(folder.Ino));
        Assert.Equal(NodeIds.IdOf("words/sample"u8), mount.Lookup("words/sample").Attr.Ino);
    }

    [Fact]
    public async Task Concurrent_lookups_and_forgets_leave_nothing_behind()
    {
        await Task.WhenAll(Enumerable.Range(0, 4).Select(worker => Task.Run(() =>
        {
            for (int i = 0; i < 2000; i++)
            {
                Entry entry = mount.Lookup("words/w" + i % 3);
                Assert.Equal(Errno.Ok, mount.Table.GetAttr(new FakeRequest(), entry.Node, 0, out _, out _));
                mount.Table.Forget(entry.Node, 1);
            }
        }, TestContext.Current.CancellationToken)));
        for (int i = 0; i < 3; i++)
        {
            ulong id = NodeIds.IdOf(Encoding.UTF8.GetBytes("words/w" + i));
            Assert.Equal(Errno.ENOENT, mount.Table.GetAttr(new FakeRequest(), id, 0, out _, out _));
        }
    }

    [Fact]
    public void A_child_removed_while_mounted_is_gone_and_its_open_file_lives_on()
    {
        GeneratedFile file = GeneratedFile.OfText(() => "bye\n");
        mount.Table.Root.Add("late", file);
        ulong node = mount.Lookup("late").Node;
        ulong handle = mount.Open(node, Mount.ReadOnly);
        Assert.True(mount.Table.Root.Remove("late"));
        Assert.Equal(Errno.ENOENT, mount.TryLookup(Vfs.RootNode, "late"));
        Assert.Equal("bye\n", mount.Read(node, handle));
        Assert.False(mount.Table.Root.Remove("late"));
    }

    [Fact]
    public void A_view_is_found_by_its_name_alone_and_never_listed()
    {
        Views views = new() { Uid = 0, Gid = 0 };
        mount.Table.Root.Add(Views.FileName, views, listed: false);
        views.Open("bob-7", new GeneratedFolder().Add("README", GeneratedFile.OfText(() => "for bob\n")));
        Assert.DoesNotContain(".views", mount.List(Vfs.RootNode));
        Assert.DoesNotContain("bob-7", mount.List(views.Ino));
        Assert.Equal(Errno.ENOENT, mount.TryLookup(views.Ino, "bob-8"));
        Entry readme = mount.Lookup(".views/bob-7/README");
        ulong handle = mount.Open(readme.Node, Mount.ReadOnly);
        Assert.Equal("for bob\n", mount.Read(readme.Node, handle));
        Assert.Equal(FileMode.Directory | 0x1C0, mount.Lookup(".views").Attr.Mode);
    }

    [Fact]
    public void A_closed_view_is_gone()
    {
        Views views = new() { Uid = 0, Gid = 0 };
        mount.Table.Root.Add(Views.FileName, views, listed: false);
        views.Open("bob-7", new GeneratedFolder().Add("file", new PlaceholderFile()));
        Entry view = mount.Lookup(".views/bob-7");
        Entry file = mount.Lookup(".views/bob-7/file");
        Assert.True(file.EntrySeconds > 0 && file.AttrSeconds > 0);
        Assert.True(views.Close("bob-7"));
        Assert.False(views.Close("bob-7"));
        Assert.Equal(Errno.ENOENT, mount.TryLookup(views.Ino, "bob-7"));
        Assert.Equal(Errno.ENOENT, mount.Table.GetAttr(new FakeRequest(uid: 0), view.Node, 0, out _, out _));
        Assert.Equal(Errno.ENOENT, mount.Table.GetAttr(new FakeRequest(uid: 0), file.Node, 0, out _, out _));
    }

    /// <summary>Every word is a file that holds it in capitals; dot-names are nothing.</summary>
    private sealed class Echoes : GeneratedFolder
    {
        public int Made { get; private set; }

        protected internal override bool IsVolatile => true;

        protected override GeneratedNode? FindDynamic(Request request, ReadOnlySpan<byte> name)
        {
            if (name[0] == '.')
            {
                return null;
            }
            Made++;
            string word = Encoding.UTF8.GetString(name).ToUpperInvariant();
            return GeneratedFile.OfText(() => word);
        }

        protected override IEnumerable<(string Name, uint Mode)> ListDynamic() => [("sample", FileMode.Regular)];
    }
}
