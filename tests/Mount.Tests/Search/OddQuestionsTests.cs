using ClawOS.Mounting;
using static ClawOS.Mounting.Programs;

namespace ClawOS.Mount.Tests.Search;

/// <summary>Questions that no one plans for, and programs that come by.</summary>
[Collection(SharedMountCollection.Name)]
public sealed class OddQuestionsTests : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);
    private readonly SharedMount _mount;
    private readonly TestFolder _folder;

    public OddQuestionsTests(SharedMount mount)
    {
        _mount = mount;
        _folder = mount.NewFolder();
    }

    public void Dispose() => _folder.Dispose();

    private string Search => Path.Combine(_mount.Claw.Mount, "search");

    [Theory]
    [InlineData("rocket 🚀 launch", "🚀")]
    [InlineData("family 👨‍👩‍👧‍👦 dinner", "👨‍👩‍👧‍👦")]
    [InlineData("שלום עולם טוב", "עולם")]
    [InlineData("مرحبا بالعالم الجميل", "بالعالم")]
    [InlineData("我们在北京大学学习计算机", "北京大学")]
    [InlineData("今日は東京タワーへ行きました", "東京タワー")]
    [InlineData("ราชการกรุงเทพมหานคร", "กรุงเทพ")]
    [InlineData("naïve Ærøskøbing straße", "NAIVE")]
    [InlineData("a\u202Eright-to-left override", "override")]
    public void Text_of_any_script_is_found_by_a_folder_and_by_a_handle(string text, string question)
    {
        File.WriteAllText(_folder["script.md"], text + "\n");
        UntilFound(question, "script.md");
        Assert.Contains("/script.md\t", AskByHandle(question));
    }

    [Fact]
    public void Empty_and_blank_questions_find_nothing_and_say_what_to_do()
    {
        foreach (string question in (string[])["", " ", "\n\n", "\t", "\"\"", "path:", "-"])
        {
            string answer = AskByHandle(question);
            Assert.StartsWith("rank\tscore", answer);
            Assert.DoesNotContain("1\t", answer[answer.IndexOf('\n')..]);
        }

        Assert.Contains("nothing is asked", AskByHandle(""));
        Assert.NotEqual("", Shell(Search, "cat ' /results.tsv'"));
    }

    [Theory]
    [InlineData("10,000 different words")]
    [InlineData("one word 10,000 times")]
    [InlineData("one word of 100,000 letters")]
    [InlineData("10,000 phrases and exclusions")]
    [InlineData("bytes that are no UTF-8")]
    public void A_question_of_any_length_is_answered(string kind)
    {
        // A name of its own: the file of the case before may still be in an answer.
        string name = $"needle-{Guid.NewGuid():N}.md";
        File.WriteAllText(_folder[name], "the needle lies here\n");
        UntilFound("needle", name);
        string make = kind switch
        {
            "10,000 different words" => "seq 10000 | sed 's/^/w/'; echo needle",
            "one word 10,000 times" => "printf 'needle %.0s' $(seq 10000)",
            "one word of 100,000 letters" => "head -c 100000 /dev/zero | tr '\\0' x; echo ' needle'",
            "10,000 phrases and exclusions" => "echo needle; seq 5000 | sed 's/.*/\"a b &\" -x&/'",
            _ => "head -c 50000 /dev/urandom | tr -d '\\n'; echo ' needle'",
        };
        string answer = Shell(Search, $"exec 3<new; read n <&3; {{ {make}; }} > $n/query && cat $n/results.tsv $n/status; ls $n/hits > /dev/null; exec 3<&-");
        Assert.StartsWith("rank\tscore", answer);
        if (kind is "10,000 different words" or "one word 10,000 times" or "one word of 100,000 letters")
            Assert.Contains($"/{name}\t", answer);
    }

    [Fact]
    public void A_question_longer_than_the_limit_is_refused_with_the_limit()
    {
        Assert.NotEqual(0, TryShell(Search, "exec 3<new; read n <&3; head -c 200000 /dev/zero | tr '\\0' a > $n/query").ExitCode);
        Assert.Contains("longer than 131072 bytes", File.ReadAllText(Path.Combine(_mount.Claw.Mount, "sys/errors")));
    }

    [Fact]
    public void Names_up_to_255_bytes_are_questions_and_longer_ones_are_refused_by_the_kernel()
    {
        string longest = string.Concat(Enumerable.Repeat("word ", 51));
        Assert.Equal(255, longest.Length);
        Assert.StartsWith("rank\tscore", Shell(Search, $"cat '{longest}/results.tsv'"));
        Assert.Contains("File name too long", TryShell(Search, $"cat '{longest}w/results.tsv'").Err);
        // A hit's name is cut where rank and name together are too long, and the file is found all the same.
        string name = new string('n', 251) + ".md";
        File.WriteAllText(_folder[name], "a quagga of a long name\n");
        UntilFound("quagga", name);
        string hit = Shell(Path.Combine(Search, "quagga"), "ls | grep ^01-").Trim();
        Assert.True(System.Text.Encoding.UTF8.GetByteCount(hit) <= 255 && hit.EndsWith(".md", StringComparison.Ordinal), hit);
        Assert.Equal("a quagga of a long name\n", File.ReadAllText(Path.Combine(Search, "quagga", hit)));
    }

    [Fact]
    public void Walking_and_copying_programs_come_through_and_ask_nothing_of_their_own()
    {
        Need.Program("rsync", "vim", "make");
        File.WriteAllText(_folder["okapi.md"], "the okapi is shy\n");
        UntilFound("okapi", "okapi.md");
        using TestFolder copy = new();
        string before = Shell(Search, "ls -A");
        Shell(_mount.Claw.Mount, "ls -R search > /dev/null && find search > /dev/null && ! grep -r no-such-word-at-all search");
        Shell(Search, $"rsync -a ./ {copy.Path}/all/ && rsync -a okapi {copy.Path}/ && cp -r okapi {copy.Path}/plain");
        Assert.Equal(before, Shell(Search, "ls -A"));
        Assert.Equal("the okapi is shy\n", File.ReadAllText(Directory.GetFiles(copy["okapi"], "*-okapi.md").Single()));
        Assert.Equal(Directory.GetFiles(copy["okapi"]).Order().Select(Path.GetFileName), Directory.GetFiles(copy["plain"]).Order().Select(Path.GetFileName));
        Assert.Contains("okapi.md", File.ReadAllText(copy["okapi/results.tsv"]));
        // A hit is a read-only file: an editor shows it and cannot save; make finds no makefile and no rule.
        string hit = Path.GetFileName(Directory.GetFiles(Path.Combine(Search, "okapi"), "*-okapi.md").Single());
        Shell(Path.Combine(Search, "okapi"), $"vim -n -es -u NONE -c ':w! {copy.Path}/seen' -c ':q!' {hit}");
        Assert.Equal("the okapi is shy\n", File.ReadAllText(copy["seen"]));
        Assert.NotEqual(0, TryShell(Path.Combine(Search, "okapi"), $"vim -n -es -u NONE -c ':normal ix' -c ':w!' -c ':qa!' {hit} < /dev/null; grep -q '^x' {hit}").ExitCode);
        Assert.Contains("No targets specified and no makefile found", TryShell(Search, "make").Err);
        Assert.Contains("No rule to make target", TryShell(Path.Combine(Search, "okapi"), "make okapi").Err);
        foreach (string probe in (string[])[".git", ".okapi.md.swp", "4913", "GNUmakefile", "Makefile", "makefile", "okapi~", "#okapi#", "tags", "okapi.c"])
            Assert.False(Path.Exists(Path.Combine(Search, probe)), probe);
    }

    private string AskByHandle(string question)
    {
        string file = Path.Combine(Path.GetTempPath(), $"question-{Guid.NewGuid():N}");
        try
        {
            File.WriteAllText(file, question);
            return Shell(Search, $"exec 3<new; read n <&3; cat '{file}' > $n/query; cat $n/results.tsv; exec 3<&-");
        }
        finally
        {
            File.Delete(file);
        }
    }

    private void UntilFound(string question, string name)
    {
        long end = Environment.TickCount64 + (long)s_limit.TotalMilliseconds;
        for (string table = ""; !table.Contains($"/{name}\t", StringComparison.Ordinal); Thread.Sleep(50))
        {
            Assert.True(Environment.TickCount64 < end, table);
            table = File.ReadAllText(Path.Combine(Search, question, "results.tsv"));
        }
    }
}
