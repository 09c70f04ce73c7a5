using ClawOS.Mounting;
using static ClawOS.Mounting.Programs;

namespace ClawOS.Mount.Tests.Search;

/// <summary>Searching with ls and cat, through the mount.</summary>
public sealed class SearchTests : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);
    private readonly ClawMount _claw = new ClawMount().Up();

    public void Dispose() => _claw.Dispose();

    private string Search => Path.Combine(_claw.Mount, "search");

    [Fact]
    public void A_folder_named_by_words_holds_the_files_that_answer()
    {
        Directory.CreateDirectory(Path.Combine(_claw.Memory, "notes"));
        File.WriteAllText(Path.Combine(_claw.Memory, "notes/keys.md"), "# Keys\n\nRotate the credentials every month with the vault tool.\n");
        File.WriteAllText(Path.Combine(_claw.Memory, "garden.md"), "# Garden\n\nTomatoes want sun and water.\n");
        string[] lines = Until("how do I rotate credentials", table => table.Length > 1);
        Assert.Equal("rank\tscore\tpath\tlines\tsnippet", lines[0]);
        Assert.StartsWith("1\t", lines[1]);
        Assert.Contains("\tmemory/notes/keys.md\t1-3\t", lines[1]);
        Assert.Contains("Rotate the credentials", lines[1]);
        string folder = Path.Combine(Search, "how do I rotate credentials");
        Assert.Contains("01-keys.md", Shell(folder, "ls").Split('\n'));
        Assert.Equal(File.ReadAllText(Path.Combine(_claw.Memory, "notes/keys.md")), File.ReadAllText(Path.Combine(folder, "01-keys.md")));
        string attributes = Shell(folder, "getfattr -d 01-keys.md");
        Assert.Contains("user.claw.path=\"memory/notes/keys.md\"", attributes);
        Assert.Contains("user.claw.lines=\"1-3\"", attributes);
        Assert.Contains(Shell(_claw.Memory, "sha256sum notes/keys.md")[..64], attributes);
        Assert.Contains("user.claw.score=", attributes);
        Assert.NotEqual(0, TryShell(folder, "echo x > 01-keys.md").ExitCode);
    }

    [Fact]
    public void What_happens_to_files_is_what_is_found()
    {
        Shell(_claw.Memory, "echo 'the zebra crosses' > a.txt; mkdir sub");
        Until("zebra", table => Has(table, "memory/a.txt"));
        Shell(_claw.Memory, "mv a.txt sub/b.txt");
        Until("zebra", table => Has(table, "memory/sub/b.txt") && !Has(table, "memory/a.txt"));
        Shell(_claw.Memory, "echo 'a giraffe instead' > sub/b.txt");
        Until("giraffe", table => Has(table, "memory/sub/b.txt"));
        Until("zebra", table => table.Length == 1);
        Shell(_claw.Memory, "mv sub moved");
        Until("giraffe", table => Has(table, "memory/moved/b.txt"));
        Shell(_claw.Memory, "echo 'an ostrich' > new && mv new moved/b.txt");
        Until("ostrich", table => Has(table, "memory/moved/b.txt"));
        Until("giraffe", table => table.Length == 1);
        Shell(_claw.Memory, "truncate -s 0 moved/b.txt");
        Until("ostrich", table => table.Length == 1);
        Shell(_claw.Memory, "echo 'a hippo' > moved/c.txt");
        Until("hippo", table => Has(table, "memory/moved/c.txt"));
        Shell(_claw.Memory, "rm -rf moved");
        Until("hippo", table => table.Length == 1);
    }

    [Fact]
    public void The_index_outlives_the_mount_and_a_kill()
    {
        Shell(_claw.Memory, "for i in $(seq 200); do echo \"file number $i about penguins\" > p$i.txt; done");
        Until("penguins", table => table.Length > 20);
        _claw.Remount();
        Until("penguins", table => table.Length > 20);
        Assert.Contains("files 200\n", Waiting.Until(() => File.ReadAllText(Path.Combine(_claw.Mount, "sys/index/status")), text => text.Contains("state ready")));
        Shell(_claw.Memory, "rm p7.txt; echo 'only walruses' > p8.txt");
        Shell("/", $"kill -9 $(pgrep -f '[s]erve-fs --mount {_claw.Mount} ')");
        Until("walruses", table => Has(table, "memory/p8.txt"));
        Waiting.Until(() => File.ReadAllText(Path.Combine(_claw.Mount, "sys/index/status")), text => text.Contains("state ready") && text.Contains("files 199\n"));
    }

    [Fact]
    public void Filters_are_words()
    {
        Shell(_claw.Memory, "mkdir -p projects/x other; echo 'shared topic' > projects/x/a.md; echo 'shared topic' > other/b.txt; echo 'shared topic draft' > projects/c.md");
        Shell(_claw.Memory, "touch -d 2020-01-01 other/b.txt; setfattr -n user.claw.tags -v 'work urgent' projects/c.md");
        Until("shared topic", table => table.Length == 4);
        Until("shared topic tag:urgent", table => table.Length == 2 && Has(table, "memory/projects/c.md"));
        Until("shared topic before:2021", table => table.Length == 2 && Has(table, "memory/other/b.txt"));
        Until("shared topic type:md -draft", table => table.Length == 2 && Has(table, "memory/projects/x/a.md"));
        Until("\"shared topic draft\"", table => table.Length == 2);
        Assert.Contains("memory/projects/x/a.md", File.ReadAllText(Path.Combine(Search, "shared topic path:projects/x/results.tsv")));
        Assert.DoesNotContain("memory/other/b.txt", File.ReadAllText(Path.Combine(Search, "shared topic path:projects/results.tsv")));
    }

    [Fact]
    public void Programs_that_walk_the_mount_ask_nothing()
    {
        Shell(_claw.Memory, "echo words > a.txt");
        Until("words", table => table.Length == 2);
        Assert.Equal(["README", "new", "saved"], Shell(Search, "ls -A").Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Shell(_claw.Mount, "ls -R search > /dev/null; find search > /dev/null; grep -r nothing-at-all search || true");
        foreach (string probe in (string[])[".git", "Makefile", "x.swp", ".words", "words~"])
            Assert.False(Path.Exists(Path.Combine(Search, probe)), probe);
    }

    [Fact]
    public void A_long_question_goes_through_a_handle()
    {
        Shell(_claw.Memory, "echo 'the needle of the haystack' > a.txt");
        Until("needle", table => table.Length == 2);
        string output = Shell(Search, """
            exec 3<new; read n <&3
            { seq 10000 | sed 's/^/w/'; echo 'needle / with slash'; } > $n/query
            echo 'k=5 mode=words' > $n/opts
            cat $n/results.tsv $n/status; ls $n/hits
            if echo 'k=0' > $n/opts; then exit 1; fi
            exec 3<&-
            """);
        Assert.Contains("memory/a.txt", output);
        Assert.Contains("01-a.txt", output);
        Waiting.Until(() => TryShell(Search, "stat 1").ExitCode, code => code != 0);
    }

    [Fact]
    public void What_is_no_text_is_listed_with_the_reason()
    {
        Shell(_claw.Memory, "head -c 5000 /dev/zero > zeros; printf '%%PDF-1.7 x' > a.pdf; printf '\\377\\376a' > wide.txt; printf 'bad \\377\\376\\375 bytes and good words' > latin.txt; : > empty.txt");
        string skipped = Waiting.Until(() => File.ReadAllText(Path.Combine(_claw.Mount, "sys/index/skipped")), text => text.Split('\n').Length == 4);
        Assert.Contains("pdf\tmemory/a.pdf\n", skipped);
        Assert.Contains("binary\tmemory/zeros\n", skipped);
        Until("good words", table => Has(table, "memory/latin.txt"));
    }

    [Fact]
    public void Nothing_of_a_question_can_be_seen_by_others_or_in_the_store()
    {
        Shell(_claw.Memory, "echo 'the word xylophonist is rare' > a.txt; head -c 100 /dev/zero > hidden-name.bin");
        Until("xylophonist", table => table.Length == 2);
        Assert.Equal("700\n", Shell(Search, "stat -c %a ."));
        Assert.Equal("400\n", Shell(_claw.Mount, "stat -c %a sys/index/skipped"));
        _claw.Down();
        Assert.Equal("", TryShell(_claw.Store, "grep -rla -e xylophonist -e hidden-name .").Out);
    }

    [Fact]
    public void A_locked_store_answers_nothing_and_says_so()
    {
        Shell(_claw.Memory, "echo secretword > a.txt");
        Until("secretword", table => table.Length == 2);
        _claw.Claw("lock", _claw.Mount).Must();
        string answer = File.ReadAllText(Path.Combine(Search, "secretword/results.tsv"));
        Assert.DoesNotContain("a.txt", answer);
        Assert.Contains("locked", answer);
        _claw.Claw("unlock", _claw.Mount).Must();
        Until("secretword", table => Has(table, "memory/a.txt"));
    }

    [Fact]
    public void Claw_search_prints_the_hits_and_tells_by_its_exit_code()
    {
        Shell(_claw.Memory, "echo 'rotate the api keys' > a.md");
        Until("api", table => table.Length == 2);
        string printed = _claw.Claw("search", "api keys", "--mount", _claw.Mount).Must().Out;
        Assert.Contains($"{_claw.Memory}/a.md:1", printed);
        Assert.Contains("rotate the api keys", printed);
        Assert.Equal(5, _claw.Claw("search", "nothingofthat", "--mount", _claw.Mount).ExitCode);
        Assert.Contains("\"path\": \"memory/a.md\"", _claw.Claw("search", "--json", "api", "--mount", _claw.Mount).Must().Out);
    }

    private static bool Has(string[] table, string path) => table.Any(line => line.Contains($"\t{path}\t", StringComparison.Ordinal));

    private string[] Until(string query, Func<string[], bool> satisfied) => Waiting.Until(
        () => File.ReadAllText(Path.Combine(Search, query, "results.tsv")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] != '#').ToArray(), satisfied);
}
