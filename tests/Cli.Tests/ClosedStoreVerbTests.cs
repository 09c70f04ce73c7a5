using System.Text.Json.Nodes;
using ClawOS.Cli;
using ClawOS.Mounting;

namespace Cli.Tests;

/// <summary>Verbs on a store that nobody has mounted.</summary>
public sealed class ClosedStoreVerbTests : IDisposable
{
    private readonly TestFolder folder = new();

    [Fact]
    public void Files_go_in_and_come_out_without_a_mount()
    {
        Claw("init", Store).Must();
        Directory.CreateDirectory(folder["in/sub"]);
        byte[] big = new byte[3_000_000];
        new Random(11).NextBytes(big);
        File.WriteAllBytes(folder["in/sub/big"], big);
        File.WriteAllText(folder["in/note.md"], "hello\n");
        Claw("fs", "put", Store, folder["in"], "memory/in").Must();
        Assert.Equal("hello\n", Claw("fs", "cat", Store, "memory/in/note.md").Must().Out);
        JsonArray listed = JsonNode.Parse(Claw("fs", "ls", Store, "memory/in", "--json").Must().Out)!.AsArray();
        Assert.Equal(["note.md", "sub"], listed.Select(name => name!["name"]!.GetValue<string>()));
        Claw("fs", "get", Store, "memory/in", folder["out"]).Must();
        Assert.Equal(big, File.ReadAllBytes(folder["out/sub/big"]));
        Claw("fs", "put", Store, folder["in/note.md"], "memory/in/sub/big").Must();
        Assert.Equal("hello\n", Claw("fs", "cat", Store, "memory/in/sub/big").Must().Out);
    }

    [Fact]
    public void Links_in_a_folder_go_in_and_come_out_as_links()
    {
        Claw("init", Store).Must();
        Directory.CreateDirectory(folder["in"]);
        File.CreateSymbolicLink(folder["in/dangling"], "nowhere");
        File.CreateSymbolicLink(folder["in/cycle"], "..");
        for (int round = 0; round < 2; round++)
        {
            Claw("fs", "put", Store, folder["in"], "memory/in").Must();
        }

        Claw("fs", "get", Store, "memory/in", folder["out"]).Must();
        Assert.Equal("nowhere", new FileInfo(folder["out/dangling"]).LinkTarget);
        Assert.Equal("..", new FileInfo(folder["out/cycle"]).LinkTarget);
    }

    [Fact]
    public void A_pipe_is_refused_at_once_and_left_out_of_a_folder()
    {
        Claw("init", Store).Must();
        Programs.Shell(folder.Path, "mkdir in; mkfifo in/pipe; echo y > in/good; ln -s pipe in/link");
        ProgramResult put = Claw("fs", "put", Store, folder["in/link"], "memory/pipe");
        Assert.Equal(ExitCodes.Failed, put.ExitCode);
        Assert.Contains("it is a pipe, socket or device", Assert.Single(put.Err.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        put = Claw("fs", "put", Store, folder["in"], "memory/in");
        Assert.Equal(ExitCodes.Failed, put.ExitCode);
        Assert.Contains("in/pipe: it is a pipe", put.Err, StringComparison.Ordinal);
        JsonArray listed = JsonNode.Parse(Claw("fs", "ls", Store, "memory/in", "--json").Must().Out)!.AsArray();
        Assert.Equal(["good", "link"], listed.Select(name => name!["name"]!.GetValue<string>()));
    }

    [Fact]
    public void A_name_that_is_no_utf8_is_left_out_of_a_copy_and_told()
    {
        Claw("init", Store).Must();
        Directory.CreateDirectory(folder["in"]);
        Programs.Shell(folder["in"], "echo x > $(printf 'a\\377'); echo y > good");
        ProgramResult put = Claw("fs", "put", Store, folder["in"], "memory/in");
        Assert.Equal(ExitCodes.Failed, put.ExitCode);
        Assert.Contains("no UTF-8", put.Err, StringComparison.Ordinal);
        Assert.Equal("y\n", Claw("fs", "cat", Store, "memory/in/good").Must().Out);
    }

    [Fact]
    public void A_name_with_a_newline_is_one_line_of_the_listing_that_cat_understands()
    {
        Claw("init", Store).Must();
        File.WriteAllText(folder["note"], "hello");
        Claw("fs", "put", Store, folder["note"], "memory/two\nlines").Must();
        string line = Assert.Single(Claw("fs", "ls", Store, "memory").Must().Out.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.EndsWith(@" two\x0alines", line, StringComparison.Ordinal);
        Assert.Equal("hello", Claw("fs", "cat", Store, @"memory/two\x0alines").Must().Out.TrimEnd('\n'));
    }

    [Fact]
    public void A_quota_too_small_to_mount_is_refused_before_a_store_is_made()
    {
        Assert.Equal(ExitCodes.Usage, Claw("init", Store, "--quota", "5").ExitCode);
        Assert.False(Directory.Exists(Store));
        Claw("init", Store, "--quota", "1M").Must();
    }

    [Fact]
    public void A_missing_file_or_store_is_exit_code_5()
    {
        Assert.Equal(ExitCodes.NotFound, Claw("fs", "ls", Store).ExitCode);
        Claw("init", Store).Must();
        Assert.Equal(ExitCodes.NotFound, Claw("fs", "cat", Store, "memory/nothing").ExitCode);
    }

    [Fact]
    public void Slots_are_listed_added_used_and_removed()
    {
        Claw("init", Store).Must();
        File.WriteAllText(folder["pass"], "correct horse\n");
        Claw("key", "add", "--store", Store, "--new-passphrase-file", folder["pass"], "--label", "mine").Must();
        JsonArray slots = JsonNode.Parse(Claw("key", "list", "--store", Store, "--json").Must().Out)!.AsArray();
        Assert.Equal(["key file", "recovery code", "passphrase"], slots.Select(slot => slot!["kind"]!.GetValue<string>()));
        Claw("fs", "ls", Store, "--passphrase-file", folder["pass"]).Must();
        Claw("key", "remove", "1", "--store", Store, "--passphrase-file", folder["pass"]).Must();
        Assert.Equal(ExitCodes.WrongKey, Claw("fs", "ls", Store).ExitCode);
    }

    [Fact]
    public void The_recovery_code_opens_the_store_when_the_key_file_is_lost()
    {
        string said = Claw("init", Store).Must().Out;
        string code = System.Text.RegularExpressions.Regex.Match(said, "Recovery code[^:]*: (\\S+)").Groups[1].Value;
        Directory.Delete(folder["state/keys"], recursive: true);
        ProgramResult lost = Claw("fs", "ls", Store);
        Assert.Equal(ExitCodes.WrongKey, lost.ExitCode);
        Assert.Contains("--recovery", lost.Err, StringComparison.Ordinal);
        Programs.Run(Options(code + "\n"), Command[0], [.. Command[1..], "fs", "ls", Store, "--recovery"]).Must();
    }

    [Fact]
    public void A_destroyed_store_opens_with_nothing()
    {
        Claw("init", Store).Must();
        ProgramResult asked = Programs.Run(Options("no\n"), Command[0], [.. Command[1..], "destroy", Store]);
        Assert.NotEqual(0, asked.ExitCode);
        Claw("fs", "ls", Store).Must();
        Claw("destroy", Store, "--yes").Must();
        Assert.False(File.Exists(Path.Combine(Store, "claw.keys")));
        Assert.Equal(ExitCodes.NotFound, Claw("fs", "ls", Store).ExitCode);
    }

    [Fact]
    public void Init_keeps_an_existing_store_and_a_folder_with_other_things()
    {
        Claw("init", Store).Must();
        Assert.Equal(ExitCodes.Failed, Claw("init", Store).ExitCode);
        Directory.CreateDirectory(folder["other"]);
        File.WriteAllText(folder["other/file"], "");
        Assert.Equal(ExitCodes.Failed, Claw("init", folder["other"]).ExitCode);
        Assert.Equal(["file"], Directory.GetFiles(folder["other"]).Select(Path.GetFileName));
    }

    [Fact]
    public void Doctor_speaks_json()
    {
        JsonArray findings = JsonNode.Parse(Claw("doctor", "--json").Out)!.AsArray();
        Assert.Contains(findings, finding => finding!["name"]!.GetValue<string>() == "kernel");
        Assert.All(findings, finding => Assert.Contains(finding!["verdict"]!.GetValue<string>(), (string[])["ok", "limited", "missing", "untried"]));
    }

    public void Dispose() => folder.Dispose();

    private static string[] Command { get; } = Repository.ClawCommand();

    private string Store => folder["store"];

    private ProgramResult Claw(params string[] arguments) => Programs.Run(Options(null), Command[0], [.. Command[1..], .. arguments]);

    private ProgramOptions Options(string? input) => new()
    {
        Input = input,
        Environment = new Dictionary<string, string?> { ["CLAW_STATE"] = folder["state"], ["NO_COLOR"] = "1" },
    };
}
