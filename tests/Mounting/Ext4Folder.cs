using Xunit;

namespace ClawOS.Mounting;

/// <summary>A folder on ext4: a plain one where the disk has it, otherwise an image on a loop device.</summary>
public sealed class Ext4Folder : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly LoopDisk? _disk;

    public Ext4Folder()
    {
        if (Need.IsExt4(_folder.Path))
        {
            Path = _folder.Path;
            return;
        }
        _disk = LoopDisk.TryMake(_folder["loop"], 1L << 30);
        if (_disk is null)
        {
            _folder.Dispose();
            Assert.Skip("needs an ext4 disk, or root and a loop device to make one");
        }
        Path = _disk.Folder;
    }

    public string Path { get; }

    public void Dispose()
    {
        _disk?.Dispose();
        _folder.Dispose();
    }
}
