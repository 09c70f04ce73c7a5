using ClawFS.Store.Tests.Ops;

namespace ClawFS.Store.Tests.Commit;

public sealed class PlaintextTests
{
    [Fact]
    public void Nothing_that_was_stored_is_readable_in_any_file_of_the_store()
    {
        string[] marks = ["CONTENTMARKER", "NAMEMARKER", "FOLDERMARKER", "XATTRNAMEMARKER", "XATTRVALUEMARKER", "LINKTARGETMARKER"];
        using var store = new StoreFixture();
        TreeUser user = store.User;
        ulong folder = user.Folder(TreeUser.Root, "FOLDERMARKER");
        for (int i = 0; i < 300; i++)
        {
            ulong file = user.File(folder, $"NAMEMARKER-{i}");
            byte[] content = TreeUser.Bytes(string.Concat(Enumerable.Repeat("CONTENTMARKER ", i * 20 + 1)));
            user.Write(file, (ulong)(i * 13), content);
            user.SetXattr(file, "user.XATTRNAMEMARKER", TreeUser.Bytes("XATTRVALUEMARKER"));
        }
        user.Link(folder, "l", "LINKTARGETMARKER");
        Scan(store, marks);
        store.Store.Commit();
        Scan(store, marks);
        store.Store.Close();
        Scan(store, marks);
        Assert.NotEmpty(Directory.GetFiles(store.File("seg")));
    }

    private static void Scan(StoreFixture store, string[] marks)
    {
        foreach (string path in Directory.GetFiles(store.Path, "*", SearchOption.AllDirectories).Where(static f => Path.GetFileName(f) != "lock"))
        {
            byte[] bytes = File.ReadAllBytes(path);
            Assert.All(marks, mark => Assert.Equal(-1, bytes.AsSpan().IndexOf(TreeUser.Bytes(mark))));
            Assert.All(marks, mark => Assert.Equal(-1, bytes.AsSpan().IndexOf(System.Text.Encoding.Unicode.GetBytes(mark))));
        }
    }
}
