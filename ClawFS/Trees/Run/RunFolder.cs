using System.Text;
using ClawFS.Linux;
using ClawFS.Vfs;

namespace ClawFS.Trees;

/// <summary>
/// `run`: the place of the launch socket, of the mount's owner or of one view. Only guard's binding thread makes and removes the socket; when guard is gone, so is the
/// socket, and whoever looks for it gets ENOENT.
/// </summary>
/// <param name="binder">The thread id of guard's binding thread; 0 while there is no guard.</param>
/// <param name="socketPermissions">Who may connect, by the write bits.</param>
public sealed class RunFolder(Func<uint> binder, uint socketPermissions = RunFolder.OwnerOnly) : GeneratedFolder
{
    /// <summary>The name in the root.</summary>
    public const string FileName = "run";

    /// <summary>The name of the socket.</summary>
    public const string SocketName = "launch";

    private const uint OwnerOnly = 0x180;

    /// <summary>Takes the socket's node away.</summary>
    public void Release() => Remove(SocketName);

    /// <inheritdoc/>
    protected override Errno MakeSocket(Request request, ReadOnlySpan<byte> name)
    {
        if (!IsBinder(request) || !name.SequenceEqual(Encoding.ASCII.GetBytes(SocketName)))
        {
            return Errno.EPERM;
        }

        Add(SocketName, new GeneratedSocket(socketPermissions));
        return Errno.Ok;
    }

    /// <inheritdoc/>
    protected override Errno RemoveChild(Request request, ReadOnlySpan<byte> name, GeneratedNode child)
    {
        if (!IsBinder(request) || child is not GeneratedSocket)
        {
            return Errno.EPERM;
        }

        Release();
        return Errno.Ok;
    }

    private bool IsBinder(Request request) => request.Pid != 0 && request.Pid == binder();
}
