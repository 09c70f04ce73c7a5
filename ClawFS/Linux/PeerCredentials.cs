using System.Net.Sockets;

namespace ClawFS.Linux;

/// <summary>Who is at the other end of a Unix socket, as the kernel recorded it when the connection was made (SO_PEERCRED, unix(7)).</summary>
/// <param name="Pid">Process id.</param>
/// <param name="Uid">User id.</param>
/// <param name="Gid">Group id.</param>
public readonly record struct PeerCredentials(int Pid, uint Uid, uint Gid)
{
    private const int SolSocket = 1;
    private const int SoPeerCred = 17;
    private const int UcredSize = 12;

    /// <summary>Asks the kernel.</summary>
    /// <param name="socket">A connected Unix socket.</param>
    /// <exception cref="SocketException">The socket is not connected.</exception>
    public static PeerCredentials Of(Socket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        Span<byte> ucred = stackalloc byte[UcredSize];
        _ = socket.GetRawSocketOption(SolSocket, SoPeerCred, ucred);
        return new PeerCredentials(
            BitConverter.ToInt32(ucred),
            BitConverter.ToUInt32(ucred[4..]),
            BitConverter.ToUInt32(ucred[8..]));
    }
}
