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
        Assert.All(findings, finding => Assert.Contains(finding!["verdict"]!.GetValue<string>(), (string[])["ok", "limited", "missing"]));
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
