using System.Text;
using ClawFS.Linux;
using Microsoft.Win32.SafeHandles;

namespace Supervisor.Tests.Channels;

public sealed class SeqPacketSocketTests
{
    [Fact]
    public void Messages_keep_their_borders()
    {
        (SeqPacketSocket first, SeqPacketSocket second) = SeqPacketSocket.CreatePair();
        using (first)
        using (second)
        {
            Assert.True(first.Send("one"u8));
            Assert.True(first.Send("three"u8));
            byte[] buffer = new byte[64];
            Assert.Equal(3, second.Receive(buffer));
            Assert.Equal(5, second.Receive(buffer));
            Assert.Equal("three", Encoding.ASCII.GetString(buffer, 0, 5));
        }
    }

    [Fact]
    public void The_longest_message_arrives_whole()
    {
        (SeqPacketSocket first, SeqPacketSocket second) = SeqPacketSocket.CreatePair();
        using (first)
        using (second)
        {
            byte[] sent = new byte[MessageChannel.MaxMessage];
            new Random(7).NextBytes(sent);
            Assert.True(first.Send(sent));
            byte[] received = new byte[MessageChannel.MaxMessage];
            Assert.Equal(sent.Length, second.Receive(received));
            Assert.Equal(sent, received);
        }
    }

    [Fact]
    public void A_message_longer_than_the_buffer_is_an_error_and_not_cut()
    {
        (SeqPacketSocket first, SeqPacketSocket second) = SeqPacketSocket.CreatePair();
        using (first)
        using (second)
        {
            first.Send(new byte[100]);
            Assert.Throws<IOException>(() => second.Receive(new byte[99]));
        }
    }

    [Fact]
    public void A_closed_peer_reads_as_the_end_and_refuses_to_be_sent_to()
    {
        (SeqPacketSocket first, SeqPacketSocket second) = SeqPacketSocket.CreatePair();
        using (first)
        {
            second.Send("last"u8);
            second.Dispose();
            byte[] buffer = new byte[16];
            Assert.Equal(4, first.Receive(buffer));
            Assert.Equal(0, first.Receive(buffer));
            Assert.False(first.Send("too late"u8));
        }
    }

    [Fact]
    public async Task Shutdown_wakes_a_reader_of_the_same_end()
    {
        (SeqPacketSocket first, SeqPacketSocket second) = SeqPacketSocket.CreatePair();
        using (first)
        using (second)
        {
            Task<int> read = Task.Run(() => first.Receive(new byte[16]), TestContext.Current.CancellationToken);
            first.Shutdown();
            Assert.Equal(0, await read.WaitAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public void A_descriptor_travels_with_a_message()
    {
        (SeqPacketSocket first, SeqPacketSocket second) = SeqPacketSocket.CreatePair();
        using (first)
        using (second)
        using (Pipe pipe = Pipe.Create())
        {
            Assert.True(first.Send("take"u8, pipe.Writer));
            pipe.Writer.Dispose();
            Assert.Equal(4, second.Receive(new byte[16], out SafeFileHandle? received));
            using (received)
            {
                Pipe.Write(received!, "through"u8);
            }

            Assert.Equal("through", pipe.ReadToEnd(64));
        }
    }

    [Fact]
    public void A_descriptor_nobody_asked_for_is_closed()
    {
        (SeqPacketSocket first, SeqPacketSocket second) = SeqPacketSocket.CreatePair();
        using (first)
        using (second)
        using (Pipe pipe = Pipe.Create())
        {
            first.Send("take"u8, pipe.Writer);
            pipe.Writer.Dispose();
            Assert.Equal(4, second.Receive(new byte[16]));
            Assert.Equal("", pipe.ReadToEnd(64)); // The end comes only when no copy of the writer is left.
        }
    }

    [Fact]
    public void An_empty_message_is_refused_because_it_would_read_as_the_end()
    {
        (SeqPacketSocket first, SeqPacketSocket second) = SeqPacketSocket.CreatePair();
        using (first)
        using (second)
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => first.Send([]));
        }
    }
}
