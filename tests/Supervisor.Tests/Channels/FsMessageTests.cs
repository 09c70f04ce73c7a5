using ClawFS.Linux;
using ClawFS.Supervisor;

namespace Supervisor.Tests.Channels;

public sealed class FsMessageTests
{
    [Fact]
    public void A_frame_arrives_as_it_was_sent()
    {
        (SeqPacketSocket first, SeqPacketSocket second) = SeqPacketSocket.CreatePair();
        using (first)
        using (second)
        {
            Assert.True(FsMessage.Send(first, FsFrame.Progress, "replaying the journal"));
            FsMessage message = FsMessage.Receive(second);
            Assert.Equal(FsFrame.Progress, message.Frame);
            Assert.Equal("replaying the journal", message.Text);
            Assert.Null(message.Descriptor);
        }
    }

    [Fact]
    public void A_failure_carries_its_exit_code_before_the_reason()
    {
        (SeqPacketSocket first, SeqPacketSocket second) = SeqPacketSocket.CreatePair();
        using (first)
        using (second)
        {
            FsMessage.SendFailure(first, 3, "wrong key");
            FsMessage message = FsMessage.Receive(second);
            Assert.Equal(FsFrame.Failed, message.Frame);
            Assert.Equal(3, message.Body[0]);
            Assert.Equal("wrong key"u8, message.Body.AsSpan(1));
        }
    }

    [Fact]
    public void The_end_of_the_channel_is_frame_zero()
    {
        (SeqPacketSocket first, SeqPacketSocket second) = SeqPacketSocket.CreatePair();
        using (second)
        {
            first.Dispose();
            Assert.Equal((FsFrame)0, FsMessage.Receive(second).Frame);
        }
    }

    [Fact]
    public void A_text_longer_than_a_frame_is_cut()
    {
        (SeqPacketSocket first, SeqPacketSocket second) = SeqPacketSocket.CreatePair();
        using (first)
        using (second)
        {
            FsMessage.Send(first, FsFrame.Progress, new string('x', 10_000));
            Assert.Equal(FsMessage.MaxLength - 1, FsMessage.Receive(second).Body.Length);
        }
    }
}
