using ClawOS.Mounting;
using ClawOS.Mounting.Posix;

namespace ClawOS.Conformance.Behaviour;

/// <summary>Behaviour that a table row cannot say: each test gets an empty folder.</summary>
public abstract class BehaviourTests : IDisposable
{
    private readonly TestFolder _folder;

    protected BehaviourTests(ITarget target)
    {
        Need.Root();
        _folder = new TestFolder(target.Folder);
        Folder = PathBytes.FromText(_folder.Path);
    }

    protected string Folder { get; }

    public void Dispose()
    {
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    protected string In(string name) => Folder + "/" + name;

    protected int Open(string name, int flags) => (int)Sys.Open(In(name), flags, 0b110_100_100).Must($"open {name}");

    protected void Write(string name, ReadOnlySpan<byte> data)
    {
        int fd = Open(name, Sys.WrOnly | Sys.Creat | Sys.Trunc);
        Sys.Write(fd, data).Must("write");
        Sys.Close(fd).Must("close");
    }

    protected byte[] Read(string name)
    {
        int fd = Open(name, Sys.RdOnly);
        Sys.LSeek(fd, 0, Sys.SeekSet);
        Stat.Of(fd, out Stat stat).Must("fstat");
        byte[] data = new byte[stat.Size];
        long count = data.Length == 0 ? 0 : Sys.Read(fd, data).Must("read");
        Sys.Close(fd);
        return data[..(int)count];
    }
}
