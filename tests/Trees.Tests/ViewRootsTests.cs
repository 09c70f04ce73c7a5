using System.Text;
using ClawFS.Linux;
using ClawFS.Trees;
using ClawFS.Trees.Tests;
using ClawFS.Vfs;

namespace Trees.Tests;

/// <summary>Views that are opened, held more than once, refused and taken over.</summary>
public sealed class ViewRootsTests
{
    private const string Id = "0123456789abcdef0123456789abcdef";
    private static readonly ViewGrant Notes = new("memory/notes", IsFolder: true);

    private byte[] kept = [];
    private uint binder;

    [Theory]
    [InlineData("memory/../sys", true)]
    [InlineData("sys", true)]
    [InlineData("memory", false)]
    [InlineData("memory//a", true)]
    [InlineData("memory/a\0b", true)]
    [InlineData("/memory/a", true)]
    [InlineData("memoryx", true)]
    public void What_is_no_stored_path_is_refused(string path, bool isFolder) => Assert.NotNull(New().Open(new ViewRequest(Id, [new ViewGrant(path, isFolder)])));

    [Theory]
    [InlineData("0123")]
    [InlineData("0123456789ABCDEF0123456789ABCDEF")]
    [InlineData("0123456789abcdef0123456789abcde/")]
    public void A_name_that_could_be_guessed_or_is_no_number_is_refused(string id) => Assert.NotNull(New().Open(new ViewRequest(id, [])));

    [Fact]
    public void A_view_goes_with_its_last_holder()
    {
        ViewRoots views = New();
        Assert.Null(views.Open(new ViewRequest(Id, [Notes])));
        Assert.Null(views.Open(new ViewRequest(Id, [Notes])));
        Assert.NotNull(views.Open(new ViewRequest(Id, [])));
        views.Close(Id);
        Assert.Equal(1, views.Count);
        views.Close(Id);
        views.Close(Id);
        Assert.Equal(0, views.Count);
        Assert.Empty(kept);
    }

    [Fact]
    public void A_successor_has_what_was_open_and_its_holder_takes_it_over()
    {
        Assert.Null(New().Open(new ViewRequest(Id, [Notes, new ViewGrant("memory/notes/deep", true), new ViewGrant("memory/x/one.md", false)])));
        ViewRoots successor = New();
        successor.Inherit(kept);
        Assert.Equal(1, successor.Count);
        Assert.NotNull(successor.Open(new ViewRequest(Id, [Notes])));
        Assert.Null(successor.Open(new ViewRequest(Id, [Notes, new ViewGrant("memory/notes/deep", true), new ViewGrant("memory/x/one.md", false)])));
        successor.Close(Id);
        Assert.Equal(0, successor.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[{\"Id\":")]
    [InlineData("[null,{}]")]
    [InlineData("[{\"Id\":\"../../x\",\"Grants\":[]}]")]
    public void Bytes_that_are_none_of_ours_show_nothing(string text)
    {
        ViewRoots views = New();
        views.Inherit(Encoding.UTF8.GetBytes(text));
        Assert.Equal(0, views.Count);
    }

    [Fact]
    public void Only_guard_s_thread_binds_a_view_s_socket_and_it_goes_with_guard()
    {
        ViewRoots views = New();
        MountTable table = new(new GeneratedFolder().Add(Views.FileName, views.Folder, listed: false), new LockedTree(), 1000, 1000);
        Assert.Null(views.Open(new ViewRequest(Id, [Notes], HasLaunch: true)));
        Assert.NotNull(views.Open(new ViewRequest(Id, [Notes])));
        Caller caller = new(table);
        ulong run = caller.Find($"{Views.FileName}/{Id}/run");
        Assert.Equal(Errno.EPERM, Bind(table, run));
        binder = new Caller.Asked().Pid;
        Assert.Equal(Errno.Ok, Bind(table, run));
        Assert.Equal(Errno.EEXIST, Bind(table, run));
        Assert.NotEqual(0UL, caller.Find($"{Views.FileName}/{Id}/run/launch"));

        views.ReleaseSockets();
        Assert.Equal(Errno.ENOENT, table.Lookup(new Caller.Asked(), run, "launch"u8, out _));
        Assert.Equal(Errno.Ok, Bind(table, run));
    }

    [Fact]
    public void A_successor_has_the_place_of_a_launch_socket_and_other_views_have_none()
    {
        Assert.Null(New().Open(new ViewRequest(Id, [], HasLaunch: true)));
        ViewRoots successor = New();
        successor.Inherit(kept);
        MountTable table = new(new GeneratedFolder().Add(Views.FileName, successor.Folder, listed: false), new LockedTree(), 1000, 1000);
        Assert.NotEqual(0UL, new Caller(table).Find($"{Views.FileName}/{Id}/run"));
        Assert.Null(successor.Open(new ViewRequest(Id, [], HasLaunch: true)));

        const string Other = "ffffffffffffffffffffffffffffffff";
        Assert.Null(successor.Open(new ViewRequest(Other, [])));
        Assert.Equal(Errno.ENOENT, table.Lookup(new Caller.Asked(), new Caller(table).Find($"{Views.FileName}/{Other}"), "run"u8, out _));
    }

    private static Errno Bind(MountTable table, ulong run) => table.MkNod(new Caller.Asked(), run, "launch"u8, 0xC1B6, 0, out _);

    private ViewRoots New() => new(bytes => kept = bytes, () => binder);
}
