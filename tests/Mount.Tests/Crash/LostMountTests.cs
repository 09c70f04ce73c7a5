using ClawOS.Mount.Tests.Store;
using ClawOS.Mounting;
using ClawOS.Mounting.Posix;

namespace ClawOS.Mount.Tests.Crash;

/// <summary>What is left of changes that were on their way when the mount was lost.</summary>
public sealed class LostMountTests : ProductTests
{
    private const int Length = 32 << 20, Cut = Length - 1000;

    /// <summary>The pages below the cut are written back one by one after the truncate was answered, the one that is cut last: the kill comes long before it.</summary>
    [Fact]
    public void A_mount_lost_in_a_truncate_leaves_each_block_old_or_new_and_the_cut_in_either()
    {
        using ClawMount claw = new ClawMount().Up();
        string path = Path.Combine(claw.Memory, "f");
        BlockStates states = new(Length);
        byte[] old = Content(1, Length), content = Content(2, Length);
        states.Note(old, 0, Length);
        int file = (int)Sys.Open(path, Sys.RdWr | Sys.Creat, 0b110_100_100).Must("create");
        Assert.Equal(Length, Sys.PWrite(file, old, 0).Value);
        Assert.Equal(Reply.Ok, Sys.FSync(file));
        states.Synced();
        states.Note(content, 0, Length);
        Assert.Equal(Length, Sys.PWrite(file, content, 0).Value);
        states.Cut(Cut);
        content.AsSpan(Cut).Clear();
        states.Note(content, Cut, Length - Cut);

        Thread truncate = new(() => Sys.FTruncate(file, Cut));
        truncate.Start();
        // Anybody sees the new size as soon as fs has answered.
        Assert.True(SpinWait.SpinUntil(() => new FileInfo(path).Length == Cut, TimeSpan.FromSeconds(60)));
        claw.KillEverything();
        truncate.Join();
        Sys.Close(file);
        claw.Up();

        byte[] found = File.ReadAllBytes(path);
        Assert.Equal(Cut, found.Length);
        Assert.Null(states.Settle([.. found, .. new byte[Length - Cut]]));
        claw.Down();
        claw.Claw("fsck", claw.Store).Must();
    }
}
