using ClawOS.Mounting;
using static ClawOS.Mounting.Programs;

namespace ClawOS.Mount.Tests.Search;

/// <summary>Files that no indexer likes, and trees that change under it.</summary>
public sealed class OddFilesTests : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);
    private readonly ClawMount _claw = new ClawMount().Up();

    public void Dispose() => _claw.Dispose();

    [Fact]
    public void A_gibibyte_of_nothing_is_skipped_by_its_size_and_what_lies_beside_it_is_found()
    {
        Shell(_claw.Memory, "truncate -s 1G sparse.txt; echo 'beside the ibex' > a.txt");
        Until("ibex", table => Has(table, "memory/a.txt"));
        Assert.Contains("larger than 67108864 bytes\tmemory/sparse.txt\n", UntilText("sys/index/skipped", text => text.Contains("sparse.txt")));
        Shell(_claw.Memory, "truncate -s 0 sparse.txt; echo 'small ibex' > sparse.txt");
        Until("ibex", table => Has(table, "memory/sparse.txt"));
        Assert.Equal("", File.ReadAllText(Path.Combine(_claw.Mount, "sys/index/skipped")));
    }

    [Fact]
    public void A_file_rewritten_a_hundred_times_a_second_is_found_by_its_last_state_alone()
    {
        Shell(_claw.Memory, "for i in $(seq 300); do echo \"state$i of the tapir\" > busy.md; sleep 0.01; done", 120);
        Until("state300", table => Has(table, "memory/busy.md"));
        foreach (string former in (string[])["state1", "state150", "state299"])
            Until($"{former} mode", table => !table.Any(line => line.Contains($"{former} of", StringComparison.Ordinal)));
        Assert.Equal(2, Until("tapir", table => table.Length == 2).Length);
    }

    [Fact]
    public void A_checkout_of_another_branch_is_what_is_found()
    {
        Need.Program("git");
        Shell(_claw.Memory, """
            git init -q -b one repo; cd repo; git config user.email a@b; git config user.name a
            mkdir docs; for i in $(seq 40); do echo "the lynx number$i" > docs/f$i.md; done; echo 'shared heron' > same.md
            git add .; git commit -qm one; git checkout -qb two
            git rm -q docs/f1.md; git mv docs moved; for i in $(seq 20 30); do echo "a kestrel number$i" > moved/f$i.md; done
            git add .; git commit -qm two
            """);
        for (int round = 0; round < 3; round++)
        {
            Shell(Path.Combine(_claw.Memory, "repo"), "git checkout -q one");
            Until("lynx number25", table => Has(table, "memory/repo/docs/f25.md"));
            Until("number1 type:md", table => Has(table, "memory/repo/docs/f1.md"));
            Until("kestrel", table => table.Length == 1);
            Shell(Path.Combine(_claw.Memory, "repo"), "git checkout -q two");
            Until("kestrel number25", table => Has(table, "memory/repo/moved/f25.md"));
            Until("number1 type:md", table => !Has(table, "memory/repo/docs/f1.md"));
            Until("lynx", table => table.Length > 1 && table.Skip(1).All(line => line.Contains("\tmemory/repo/moved/", StringComparison.Ordinal)));
            Until("heron", table => table.Length == 2 && Has(table, "memory/repo/same.md"));
        }

        Assert.Contains("files 40\n", UntilText("sys/index/status", text => text.Contains("waiting 0\n")));
    }

    [Fact]
    public void Folders_that_move_over_and_over_are_found_where_they_are_in_the_end()
    {
        Shell(_claw.Memory, """
            mkdir -p a/b/c; for i in $(seq 30); do echo "gazelle $i" > a/b/c/g$i.md; done
            for i in $(seq 25); do mv a x$i; mv x$i/b/c x$i/d; mv x$i/d x$i/b/c; mv x$i a; done
            mv a/b last; rmdir a
            """);
        Until("gazelle", table => table.Length == 21 && table.Skip(1).All(line => line.Contains("\tmemory/last/c/g", StringComparison.Ordinal)));
        Assert.Contains("\tmemory/last/c/g7.md\t", File.ReadAllText(Path.Combine(_claw.Mount, "search/gazelle 7 path:last/c/results.tsv")));
        Shell(_claw.Memory, "rm -rf last");
        Until("gazelle", table => table.Length == 1);
    }

    [Fact]
    public void Truncation_in_the_middle_and_back_takes_words_away_and_brings_others()
    {
        Shell(_claw.Memory, "{ echo 'first panda'; seq 20000; echo 'last wombat'; } > t.md");
        Until("wombat", table => Has(table, "memory/t.md"));
        Shell(_claw.Memory, "truncate -s 1000 t.md");
        Until("wombat", table => table.Length == 1);
        Until("panda", table => Has(table, "memory/t.md"));
        Shell(_claw.Memory, "truncate -s 5000 t.md; echo 'back is the wombat' >> t.md");
        string skippedOrFound = UntilText("sys/index/skipped", text => text.Contains("memory/t.md"));
        Assert.Contains("binary\tmemory/t.md\n", skippedOrFound);
        Shell(_claw.Memory, "tr -d '\\0' < t.md > u.md; mv u.md t.md");
        Until("wombat", table => Has(table, "memory/t.md"));
    }

    [Fact]
    public void One_line_of_fifty_megabytes_is_found_at_its_begin_and_at_its_end()
    {
        if (!Need.Long)
            Assert.Skip("50 MB are indexed only with CLAW_LONG=1");
        Shell(_claw.Memory, "{ printf 'alpaca '; seq -s ' ' 6700000 | tr -d '\\n'; printf ' vicuna\\n'; } > line.txt; echo 'small alpaca' > a.txt", 120);
        Until("vicuna", table => Has(table, "memory/line.txt"), TimeSpan.FromMinutes(5));
        Until("alpaca", table => Has(table, "memory/line.txt") && Has(table, "memory/a.txt"));
        Assert.Equal("1\n", Shell(Path.Combine(_claw.Mount, "search/vicuna"), "cut -f4 results.tsv | sed -n 2p"));
        Assert.True(File.ReadAllText(Path.Combine(_claw.Mount, "search/vicuna/results.tsv")).Length < 4096);
    }

    [Fact]
    public void A_million_tiny_files_are_indexed_while_they_come_and_answer_questions()
    {
        if (!Need.Long)
            Assert.Skip("a million files are made only with CLAW_LONG=1");
        const int Folders = 1000, Files = 1000;
        for (int folder = 0; folder < Folders; folder++)
        {
            string path = Directory.CreateDirectory(Path.Combine(_claw.Memory, $"d{folder}")).FullName;
            for (int file = 0; file < Files; file++)
                File.WriteAllText(Path.Combine(path, $"n{file}.md"), $"note {file} of folder {folder}: the {(file % 2 == 0 ? "marten" : "weasel")} number{(folder * Files) + file}\n");
        }
        Until("number999999", table => Has(table, "memory/d999/n999.md"), TimeSpan.FromMinutes(20));
        UntilText("sys/index/status", text => text.Contains("state ready\n") && text.Contains("waiting 0\n"));
        Assert.Contains($"files {Folders * Files}\n", UntilText("sys/index/status", text => text.Contains("waiting 0\n")));
        Until("number123456", table => table.Length == 2 && Has(table, "memory/d123/n456.md"));
        _claw.Down();
        _claw.Up();
        Until("number654321", table => Has(table, "memory/d654/n321.md"), TimeSpan.FromMinutes(5));
        Shell(_claw.Memory, "rm -rf d6*", 600);
        Until("number654321", table => table.Length == 1, TimeSpan.FromMinutes(5));
    }

    private static bool Has(string[] table, string path) => table.Any(line => line.Contains($"\t{path}\t", StringComparison.Ordinal));

    private string UntilText(string path, Func<string, bool> satisfied) => Waiting.Until(() => File.ReadAllText(Path.Combine(_claw.Mount, path)), satisfied, s_limit);

    private string[] Until(string query, Func<string[], bool> satisfied, TimeSpan? limit = null) => Waiting.Until(
        () => File.ReadAllText(Path.Combine(_claw.Mount, "search", query, "results.tsv")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] != '#').ToArray(), satisfied, limit ?? s_limit);
}
