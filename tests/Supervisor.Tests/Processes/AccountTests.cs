using System.Net.Sockets;
using ClawFS.Linux;

namespace Supervisor.Tests.Processes;

public sealed class AccountTests
{
    [Fact]
    public void Root_is_found_by_name_and_by_number()
    {
        Assert.Equal(0u, UserAccount.Find("root")!.Uid);
        Assert.Equal("root", UserAccount.Find("0")!.Name);
        Assert.Equal("root", UserAccount.Find(0u)!.Name);
    }

    [Fact]
    public void A_user_that_is_not_there_is_null() => Assert.Null(UserAccount.Find("no-such-user-here"));

    [Fact]
    public void The_kernel_tells_who_is_at_the_other_end()
    {
        string path = Path.Combine(Path.GetTempPath(), $"claw-{Guid.NewGuid():N}");
        try
        {
            using Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            listener.Bind(new UnixDomainSocketEndPoint(path));
            listener.Listen();
            using Socket client = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            client.Connect(new UnixDomainSocketEndPoint(path));
            using Socket served = listener.Accept();
            PeerCredentials peer = PeerCredentials.Of(served);
            Assert.Equal(Environment.ProcessId, peer.Pid);
            Assert.Equal(ProcessIdentity.Uid, peer.Uid);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
