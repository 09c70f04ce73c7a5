using System.Text;
using ClawFS.Trees;

namespace Trees.Tests;

/// <summary>Views that are opened, held more than once, refused and taken over.</summary>
public sealed class ViewRootsTests
{
    private const string Id = "0123456789abcdef0123456789abcdef";
    private static readonly ViewGrant Notes = new("memory/notes", IsFolder: true);

    private byte[] kept = [];

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

    private ViewRoots New() => new(bytes => kept = bytes);
}
