using ClawOS.Mounting;
using static ClawOS.Mounting.Programs;

namespace ClawOS.Mount.Tests.RealPrograms;

/// <summary>Whole trees through the mount and back, bit by bit the same.</summary>
[Collection(SharedMountCollection.Name)]
public sealed class CopyTests(SharedMount mount)
{
    [Theory]
    [InlineData("rsync", "rsync -aHX --sparse --numeric-ids FROM/ TO/ && test -z \"$(rsync -aHXcni FROM/ TO/)\"")]
    [InlineData("tar", "tar -C FROM --xattrs --xattrs-include='*' --sparse -cf - . | tar -C TO --xattrs --xattrs-include='*' --numeric-owner -xpf -")]
    [InlineData("cp", "cp -a FROM/. TO/")]
    public void A_tree_is_the_same_there_and_back(string program, string copy)
    {
        Need.Root();
        Need.Program(program, "getfattr", "setfattr");
        using TestFolder disk = new();
        using TestFolder folder = mount.NewFolder();
        Directory.CreateDirectory(disk["from"]);
        Directory.CreateDirectory(disk["back"]);
        SampleTree.Make(disk["from"]);
        string before = SampleTree.Describe(disk["from"]);
        Shell("/", copy.Replace("FROM", $"'{disk["from"]}'").Replace("TO", $"'{folder.Path}'"), 120);
        Assert.Equal(before, SampleTree.Describe(folder.Path));
        Shell("/", copy.Replace("FROM", $"'{folder.Path}'").Replace("TO", $"'{disk["back"]}'"), 120);
        Assert.Equal(before, SampleTree.Describe(disk["back"]));
        Assert.True(
            long.Parse(Shell(folder.Path, "stat -c %b holes")) * 512 < 5_000_000, "the holes were filled on the way");
    }

    [Fact]
    public void Tar_finds_no_difference_after_a_round_trip()
    {
        Need.Root();
        Need.Program("tar", "setfattr");
        using TestFolder folder = mount.NewFolder();
        Directory.CreateDirectory(folder["tree"]);
        SampleTree.Make(folder["tree"]);
        Shell(folder.Path, "tar -C tree --xattrs --sparse -cf a.tar . && tar -C tree --compare -f a.tar && mkdir again && tar -C again --xattrs -xpf a.tar && diff -r --no-dereference tree/a/b again/a/b");
    }

    [Fact]
    public void Rsync_deletes_and_updates_in_place()
    {
        Need.Program("rsync");
        using TestFolder disk = new();
        using TestFolder folder = mount.NewFolder();
        Shell(disk.Path, "for i in $(seq 100); do head -c 20000 /dev/urandom > f$i; done");
        Shell("/", $"rsync -a '{disk.Path}/' '{folder.Path}/'");
        Shell(disk.Path, "rm f1 f2; echo changed >> f3; mkdir d; mv f4 d/");
        Shell("/", $"rsync -a --delete --inplace --no-whole-file '{disk.Path}/' '{folder.Path}/'; diff -r '{disk.Path}' '{folder.Path}'");
    }
}
