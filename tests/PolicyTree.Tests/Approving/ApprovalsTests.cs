using System.Globalization;
using ClawFS.Linux;
using ClawFS.Vfs;
using ClawOS.Security.Trees;
using PolicyTree.Tests.Fakes;

namespace PolicyTree.Tests.Approving;

/// <summary>What waits for the owner's yes: shown, answered once, refused, ended.</summary>
public sealed class ApprovalsTests
{
    private readonly ApprovalsBed bed = new();

    [Theory]
    [InlineData("yes", "yes")]
    [InlineData("yes\n", "yes")]
    [InlineData("no", "no")]
    [InlineData("no\n", "no")]
    public void An_answer_goes_out_once_and_the_file_goes_with_it(string written, string told)
    {
        Assert.True(bed.Add("k3vq7xza"));
        Assert.Equal(["k3vq7xza"], bed.Names());
        (ulong, ulong) first = bed.OpenToWrite("k3vq7xza"), second = bed.OpenToWrite("k3vq7xza");
        Assert.Equal(Errno.Ok, bed.Write(first, written));
        Assert.Equal([$"k3vq7xza {told} 1000"], bed.Answers);
        Assert.Empty(bed.Names());
        Assert.Equal(Errno.ENOENT, bed.Find("k3vq7xza", out _));
        Assert.Equal(Errno.EALREADY, bed.Write(first, "no"));
        Assert.Equal(Errno.EALREADY, bed.Write(second, "yes"));
        Assert.Single(bed.Answers);

        // Guard says once more what it has been told already, and later how it has ended.
        Assert.False(bed.Add("k3vq7xza"));
        bed.Table.End("k3vq7xza", "accepted");
        bed.Table.End("k3vq7xza", "accepted");
        Assert.Equal(["k3vq7xza asked 0", $"k3vq7xza {told} 1000", "k3vq7xza accepted 0"], bed.Events.Lines);
    }

    [Theory]
    [InlineData("y")]
    [InlineData("YES\n")]
    [InlineData("Yes")]
    [InlineData(" yes")]
    [InlineData("yes ")]
    [InlineData("yes\n\n")]
    [InlineData("yes\r\n")]
    [InlineData("yes\0")]
    [InlineData("yes\nno\n")]
    [InlineData("yesno")]
    [InlineData("\n")]
    [InlineData("\u001b[2Jyes")]
    public void Anything_else_is_refused_in_write_and_answers_nothing(string written)
    {
        Assert.True(bed.Add("a"));
        (ulong, ulong) file = bed.OpenToWrite("a");
        Assert.Equal(Errno.EINVAL, bed.Write(file, written));
        Assert.Empty(bed.Answers);
        Assert.Equal(["a"], bed.Names());
        Assert.Contains("approvals/a", bed.Errors.Render(), StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', bed.Errors.Render());
        Assert.Equal(Errno.Ok, bed.Write(file, "no\n"));
    }

    [Fact]
    public void A_word_in_two_writes_is_none()
    {
        Assert.True(bed.Add("a"));
        (ulong, ulong) file = bed.OpenToWrite("a");
        Assert.Equal(Errno.EINVAL, bed.Write(file, "ye"));
        Assert.Equal(Errno.EINVAL, bed.Write(file, "s"));
        Assert.Empty(bed.Answers);
    }

    [Fact]
    public void Only_the_owner_and_root_find_it_or_answer_on_a_descriptor_that_they_were_handed()
    {
        Assert.True(bed.Add("a"));
        Assert.Equal(Errno.EACCES, bed.Find("a", out _, uid: 1001));
        (ulong, ulong) file = bed.OpenToWrite("a");
        Assert.Equal(Errno.EACCES, bed.Write(file, "yes", uid: 1001));
        Assert.Empty(bed.Answers);
        Assert.Equal(Errno.Ok, bed.Mount.GetAttr(new Asked(), file.Item1, 0, out Attr attr, out _));
        Assert.Equal(0x8180U, attr.Mode);
        Assert.Equal(Errno.Ok, bed.Write(file, "yes", uid: 0));
        Assert.Equal(["a yes 0"], bed.Answers);
    }

    [Fact]
    public void Nobody_makes_removes_or_cuts_anything_here()
    {
        Assert.True(bed.Add("a"));
        Assert.Equal(Errno.ENOENT, bed.Mount.Create(new Asked(), bed.FolderNode, "b"u8, 0x180, 1, out _, out _));
        Assert.Equal(Errno.EPERM, bed.Mount.MkDir(new Asked(), bed.FolderNode, "b"u8, 0x1C0, out _));
        Assert.Equal(Errno.EPERM, bed.Mount.Unlink(new Asked(), bed.FolderNode, "a"u8));
        Assert.Equal(["a"], bed.Names());
    }

    [Fact]
    public void A_flood_of_them_is_shown_up_to_a_bound_and_each_once()
    {
        string card = string.Concat(Enumerable.Repeat("x = \"\u001b[2J\u202e\"\n", 4_000));
        int shown = Enumerable.Range(0, 10_000).Count(i => bed.Add(i.ToString(CultureInfo.InvariantCulture), card));
        Assert.Equal(Approvals.Capacity, shown);
        Assert.Equal(Approvals.Capacity, bed.Names().Length);
        Assert.False(bed.Add("0"));

        // An answer makes no room before guard has said what became of it.
        Assert.Equal(Errno.Ok, bed.Write(bed.OpenToWrite("0"), "no"));
        Assert.False(bed.Add("again"));
        bed.Table.End("0", "denied");
        Assert.True(bed.Add("again"));
    }

    [Fact]
    public void One_that_ends_by_itself_is_gone_and_says_why_and_takes_no_answer()
    {
        Assert.True(bed.Add("a"));
        Assert.True(bed.Add("b"));
        (ulong, ulong) file = bed.OpenToWrite("a");
        bed.Table.End("a", "withdrawn");
        bed.Table.End("never", "withdrawn");
        Assert.Equal(["b"], bed.Names());
        Assert.Equal(Errno.EALREADY, bed.Write(file, "yes"));
        bed.Table.Clear();
        Assert.Empty(bed.Names());
        Assert.Empty(bed.Answers);
        Assert.Equal(["a asked 0", "b asked 0", "a withdrawn 0", "b lost 0"], bed.Events.Lines);

        // Another guard may know it still.
        Assert.True(bed.Add("a"));
        Assert.Equal(Errno.EALREADY, bed.Write(file, "yes"));
        Assert.Equal(Errno.Ok, bed.Write(bed.OpenToWrite("a"), "yes"));
    }

    [Fact]
    public void An_answer_after_its_time_or_to_nobody_is_refused()
    {
        Assert.True(bed.Add("a"));
        (ulong, ulong) file = bed.OpenToWrite("a");
        bed.IsHeard = false;
        Assert.Equal(Errno.EHOSTDOWN, bed.Write(file, "yes"));
        bed.IsHeard = true;
        bed.Clock.Now += TimeSpan.FromMinutes(5);
        Assert.Equal(Errno.ETIMEDOUT, bed.Write(file, "yes"));
        Assert.Empty(bed.Answers);
        Assert.Equal(["a"], bed.Names());
    }

    [Fact]
    public void Of_answers_at_the_same_moment_one_counts()
    {
        for (int round = 0; round < 200; round++)
        {
            string id = $"r{round}";
            Assert.True(bed.Add(id));
            (ulong, ulong)[] files = [.. Enumerable.Range(0, 4).Select(_ => bed.OpenToWrite(id))];
            Errno[] said = new Errno[files.Length];
            _ = Parallel.For(0, files.Length + 1, i =>
            {
                if (i == files.Length)
                {
                    bed.Table.End(id, "expired");
                }
                else
                {
                    said[i] = bed.Write(files[i], i % 2 == 0 ? "yes" : "no");
                }
            });
            int answers = bed.Answers.Count(line => line.StartsWith(id + " ", StringComparison.Ordinal));
            Assert.InRange(answers, 0, 1);
            Assert.Equal(answers, said.Count(static error => error == Errno.Ok));
            Assert.All(said.Where(static error => error != Errno.Ok), static error => Assert.Equal(Errno.EALREADY, error));
            Assert.Equal(1, bed.Events.Lines.Count(line => line == $"{id} expired 0"));
        }
    }
}
