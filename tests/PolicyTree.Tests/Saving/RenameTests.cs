using System.Text;
using ClawFS.Linux;

namespace PolicyTree.Tests.Saving;

/// <summary>What a rename puts into effect, and what it leaves there.</summary>
public sealed class RenameTests
{
    private const string Good = "extends = \"coder\"\n[paths]\nread = [\"/usr/lib/**\"]\n", Better = "extends = \"coder\"\n[paths]\nread = [\"/usr/share/**\"]\n", Bad = "extends = \"coder\"\n[paths]\nraed = []\n";

    private readonly PolicyBed bed = new();

    /// <summary>Some editors and libraries replace a file by a new one that they have written and not closed yet.</summary>
    [Fact]
    public void A_file_that_its_writer_has_still_open_is_renamed_with_what_was_written()
    {
        Assert.Equal(Errno.Ok, bed.Save(bed.Active, "mine.toml", Good));
        bed.Told.Clear();
        Assert.Equal(Errno.Ok, bed.Create(bed.Active, ".tmpXy1", out (ulong Node, ulong Handle) file));
        Assert.Equal(Errno.Ok, bed.Write(file, Better));
        Assert.Equal(Errno.Ok, bed.Rename(bed.Active, ".tmpXy1", bed.Active, "mine.toml"));
        Assert.Equal(Better, bed.InEffect("mine"));
        Assert.Equal(Errno.Ok, bed.Close(file));
        Assert.Equal(Better, bed.Read(bed.Active, "mine.toml"));
        Assert.Single(bed.Told);
    }

    [Fact]
    public void A_bad_file_that_its_writer_has_still_open_does_not_end_the_old_policy()
    {
        Assert.Equal(Errno.Ok, bed.Save(bed.Active, "mine.toml", Good));
        Assert.Equal(Errno.Ok, bed.Create(bed.Active, ".tmpXy1", out (ulong Node, ulong Handle) file));
        Assert.Equal(Errno.Ok, bed.Write(file, Bad));
        Assert.Equal(Errno.EBADMSG, bed.Rename(bed.Active, ".tmpXy1", bed.Active, "mine.toml"));
        Assert.Equal(Errno.Ok, bed.Close(file));
        Assert.Equal(Good, bed.InEffect("mine"));
        Assert.Equal(Good, bed.Read(bed.Active, "mine.toml"));
    }

    /// <summary>The close is under way when the file changes its folder: what is shown is what is kept.</summary>
    [Fact]
    public void A_save_that_meets_a_rename_counts_for_the_new_name()
    {
        Assert.Equal(Errno.Ok, bed.Save(bed.Active, "mine.toml", Good));
        Assert.Equal(Errno.Ok, bed.Create(bed.Active, "mine.toml", out (ulong Node, ulong Handle) file));
        Assert.Equal(Errno.Ok, bed.Write(file, Better));
        Thread closing = new(() => bed.Close(file));
        lock (bed.Policies.Gate)
        {
            closing.Start();
            Assert.True(SpinWait.SpinUntil(() => closing.ThreadState.HasFlag(ThreadState.WaitSleepJoin), TimeSpan.FromSeconds(30)));
            Assert.Equal(Errno.Ok, bed.Rename(bed.Active, "mine.toml", bed.Draft, "mine.toml"));
        }

        closing.Join();
        Assert.Null(bed.InEffect("mine"));
        Assert.Equal(Better, bed.Read(bed.Draft, "mine.toml"));
        Assert.Equal(Better, Encoding.UTF8.GetString(bed.Policies.State!.Drafts["mine.toml"].Content));
    }

    [Fact]
    public void Names_that_are_no_policies_are_few_however_they_come()
    {
        for (int i = 0; i < 200; i++)
        {
            Errno error = bed.Save(bed.Draft, "d", "text\n");
            Assert.Equal(Errno.Ok, error);
            error = bed.Rename(bed.Draft, "d", bed.Active, $"scratch{i}");
            if (error != Errno.Ok)
            {
                Assert.Equal((Errno.EDQUOT, 64), (error, i));
                Assert.Equal("text\n", bed.Read(bed.Draft, "d"));
                Assert.Equal(Errno.Ok, bed.Rename(bed.Active, "scratch1", bed.Active, "other"));
                Assert.Equal(Errno.Ok, bed.Remove(bed.Active, "other"));
                Assert.Equal(Errno.Ok, bed.Rename(bed.Draft, "d", bed.Active, "scratch1"));
                return;
            }
        }

        Assert.Fail("200 files that are no policies were taken");
    }

    [Fact]
    public void A_backup_that_gets_another_name_takes_its_policy_out_of_effect()
    {
        Assert.Equal(Errno.Ok, bed.Save(bed.Active, "mine.toml", Good));
        Assert.Equal(Errno.Ok, bed.Rename(bed.Active, "mine.toml", bed.Active, "mine.toml~"));
        Assert.Equal(Good, bed.InEffect("mine"));
        Assert.Equal(Errno.Ok, bed.Rename(bed.Active, "mine.toml~", bed.Active, "mine.off"));
        Assert.Null(bed.InEffect("mine"));
    }
}
