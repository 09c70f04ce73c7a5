using ClawOS.Mounting;
using static ClawOS.Mounting.Programs;

namespace ClawOS.Mount.Tests.RealPrograms;

[Collection(SharedMountCollection.Name)]
public sealed class GitTests(SharedMount mount)
{
    private const string Identity = "git config user.name T; git config user.email t@example.org; git config commit.gpgsign false";

    [Fact]
    public void A_clone_is_complete_and_survives_commits_gc_and_fsck()
    {
        Need.Program("git");
        using TestFolder disk = new();
        using TestFolder folder = mount.NewFolder();
        MakeOrigin(disk.Path);
        string log = Shell(folder.Path, $"""
            git clone -q '{disk.Path}/origin' work; cd work; {Identity}
            git fsck --strict --full
            test -z "$(git status --porcelain)"
            for i in $(seq 1 5); do echo "change $i" >> dir1/file1; git commit -qam "change $i"; done
            git checkout -qb side HEAD~2; echo side > side; git add side; git commit -qm side
            git checkout -q -; git merge -q -m merge side
            git gc -q --aggressive --prune=now; git repack -qadf
            git fsck --strict --full
            test -z "$(git status --porcelain)"
            git push -q '{disk.Path}/origin' HEAD:refs/heads/back
            git rev-list --count HEAD
            """, 120);
        Assert.Equal("17", log.Trim());
        Assert.Equal(
            Shell(folder["work"], "git rev-parse HEAD"),
            Shell(disk["origin"], "git rev-parse back"));
    }

    [Fact]
    public void A_clone_of_a_clone_on_the_mount_shares_objects_by_hard_links()
    {
        Need.Program("git");
        using TestFolder folder = mount.NewFolder();
        MakeOrigin(folder.Path);
        Shell(folder.Path, "git clone -q --local origin second; git -C second fsck --full; git -C second stash list; git -C second worktree add -q ../third");
        string shared = Shell(folder.Path, "find second/.git/objects -type f -links +1 | wc -l");
        Assert.NotEqual("0", shared.Trim());
    }

    private static void MakeOrigin(string folder) => Shell(folder, $"""
        git init -q origin; cd origin; {Identity}
        for d in $(seq 1 10); do
          mkdir dir$d; for f in $(seq 1 30); do seq $((d * f)) $((d * f + 40)) > dir$d/file$f; done
          ln -s ../dir1/file1 dir$d/link; chmod +x dir$d/file2; git add .; git commit -qm "folder $d"
        done
        """);
}
