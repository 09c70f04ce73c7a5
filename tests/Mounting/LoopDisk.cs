namespace ClawOS.Mounting;

/// <summary>A small ext4 disk in a file, mounted through a loop device.</summary>
public sealed class LoopDisk : IDisposable
{
    private readonly string _image;

    private LoopDisk(string folder, string image)
    {
        Folder = folder;
        _image = image;
    }

    public string Folder { get; }

    /// <summary>Null where this machine cannot (no root, no loop device, no mkfs).</summary>
    public static LoopDisk? TryMake(string folder, long bytes)
    {
        if (!Environment.IsPrivilegedProcess)
            return null;
        string image = folder + ".img";
        Directory.CreateDirectory(folder);
        using (FileStream file = new(image, FileMode.CreateNew))
            file.SetLength(bytes);
        string line = $"mkfs.ext4 -q -m 0 -F {image} && mount -o loop,nodev,nosuid {image} {folder} && chmod 0755 {folder}";
        ProgramResult made = Programs.TryShell("/", line);
        return made.ExitCode == 0 ? new LoopDisk(folder, image) : null;
    }

    public void Dispose()
    {
        Programs.Run(new ProgramOptions(), "umount", "-l", Folder);
        File.Delete(_image);
    }
}
