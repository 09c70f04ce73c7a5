using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using static Tmds.Linux.LibC;

namespace ClawFS.Linux;

/// <summary>struct sockaddr_un. Its 108 bytes are too few for some paths, so the folder is named by an open descriptor.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct LocalAddress
{
    internal const uint Size = 110;
    private const int PathLength = 108;

    private ushort family;
    private Path path;

    internal static LocalAddress Of(int folder, string name)
    {
        string text = $"/proc/self/fd/{folder}/{name}";
        LocalAddress address = new() { family = SocketCalls.AF_UNIX };
        Span<byte> room = address.path;
        return Encoding.UTF8.GetByteCount(text) < PathLength && Encoding.UTF8.GetBytes(text, room) > 0
            ? address
            : throw new ArgumentException($"{name}: too long for the name of a socket", nameof(name));
    }

    internal static FileDescriptor OpenFolder(string folder)
    {
        int number = ControlCalls.open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
        return number >= 0 ? new FileDescriptor(number) : throw LinuxException.FromLast($"open {folder}");
    }

    [InlineArray(PathLength)]
    private struct Path
    {
        private byte first;
    }
}
