using System.Globalization;
using System.Text.RegularExpressions;
using ClawOS.Mount.Tests.Store;
using ClawOS.Mounting;

namespace ClawOS.Mount.Tests.RealPrograms;

/// <summary>What walking through folders asks of fs, as sys/metrics counts it.</summary>
public sealed partial class FolderRequestTests : ProductTests
{
    private const int Folders = 100;

    [Fact]
    public void A_second_git_status_over_a_hundred_folders_opens_none_and_reads_none_by_request()
    {
        Need.Program("git");
        using ClawMount claw = new ClawMount().Up();
        Programs.Shell(claw.Memory, $"""
            git init -q work; cd work; git config user.email a@b; git config user.name n
            for d in $(seq {Folders}); do mkdir d$d; for f in 1 2 3; do echo $d.$f > d$d/$f; done; done
            git add .; git commit -qm one; git status --porcelain; git status --porcelain
            """);
        Assert.SkipUnless(Requests(claw).GetValueOrDefault("opendir") < Folders, "this kernel opens folders by requests (before Linux 6.16)");
        // Of several, because somebody may have the kernel drop its caches.
        long[] walks = [.. Enumerable.Range(0, 5).Select(_ => RequestsOfAWalk(claw))];
        Assert.True(walks.Min() < Folders / 5, $"{string.Join(", ", walks)} requests");
        Dictionary<string, long> all = Requests(claw);
        // More than one only where programs opened their first folders at the same moment.
        Assert.InRange(all["opendir"], 1, Environment.ProcessorCount);
        Assert.Equal(0, all.GetValueOrDefault("releasedir"));
    }

    [Fact]
    public void A_file_that_is_new_in_one_of_a_hundred_folders_is_found_by_the_next_walk()
    {
        using ClawMount claw = new ClawMount().Up();
        Programs.Shell(claw.Memory, $"for d in $(seq {Folders}); do mkdir d$d; touch d$d/f; done; find . > /dev/null; find . > /dev/null");
        Assert.Equal("./d77/new\n", Programs.Shell(claw.Memory, "touch d77/new; find . -name new"));
        Assert.Equal("./d3/new\n", Programs.Shell(claw.Memory, "mv d77/new d3; find . -name new"));
        Assert.Equal("", Programs.Shell(claw.Memory, "rm d3/new; find . -name new"));
        Assert.Equal("", Programs.Shell(claw.Memory, "rm -r d*; ls -A"));
    }

    [Fact]
    public void A_folder_with_five_thousand_names_goes_while_others_list_it()
    {
        using ClawMount claw = new ClawMount().Up();
        Programs.Shell(claw.Memory, "mkdir many; cd many; seq -f file%g 5000 | xargs touch");
        using RunningProgram lister = Programs.Start(new ProgramOptions { Folder = claw.Memory }, "bash", "-c", "while ls many > /dev/null 2>&1; do echo listed; done; echo gone");
        Assert.True(lister.WaitFor("listed", TimeSpan.FromSeconds(60)));
        Programs.Shell(claw.Memory, "rm -rf many; ls -A");
        Assert.True(lister.WaitFor("gone", TimeSpan.FromSeconds(60)), lister.Printed);
        claw.Down();
        claw.Claw("fsck", claw.Store).Must();
    }

    private static long RequestsOfAWalk(ClawMount claw)
    {
        Dictionary<string, long> before = Requests(claw);
        Assert.Equal("", Programs.Shell(claw.Memory, "git -C work status --porcelain"));
        Dictionary<string, long> after = Requests(claw);
        return ((string[])["opendir", "releasedir", "readdir", "readdirplus", "lookup"]).Sum(o => after.GetValueOrDefault(o) - before.GetValueOrDefault(o));
    }

    private static Dictionary<string, long> Requests(ClawMount claw) => File.ReadLines(Path.Combine(claw.Mount, "sys/metrics"))
        .Select(static line => RequestsLine().Match(line))
        .Where(static match => match.Success)
        .ToDictionary(static match => match.Groups[1].Value, static match => (long)double.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture));

    [GeneratedRegex("""^claw_fuse_requests_total\{opcode="([a-z0-9]+)"\} (\S+)$""")]
    private static partial Regex RequestsLine();
}
