using ClawFS.Fuse;
using ClawFS.Linux;
using ClawFS.Vfs;
using ClawOS.Mounting;
using Microsoft.Win32.SafeHandles;

namespace ClawOS.Mount.Tests.Demonstration;

/// <summary>A mount with one channel and one file, served by this process, which therefore opens no path in it: only programs do.</summary>
internal sealed class DemonstrationMount : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly SafeFileHandle _device;
    private readonly FuseConnection _connection;

    public DemonstrationMount(ChannelService service)
    {
        Need.Root();
        Need.Fuse();
        GeneratedFolder root = new();
        root.Add("README", new GeneratedFile(() => "read me\n"u8.ToArray()));
        root.Add("ask", new Channel(service));
        _device = FuseMount.OpenDevice();
        FuseMount.Mount(_device, _folder.Path, readOnly: false);
        _connection = new FuseConnection(_device, new FuseOptions());
        MountTable table = new(root, new LockedTree(), 0, 0) { Kernel = _connection.Cache };
        _connection.Start(table);
    }

    public string Folder => _folder.Path;

    public void Dispose()
    {
        Programs.Run(new ProgramOptions(), "umount", "-l", Folder);
        _connection.DrainAndStop(TimeSpan.FromSeconds(10));
        _device.Dispose();
        _folder.Dispose();
    }
}
