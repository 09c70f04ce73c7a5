using System.Globalization;
using System.Runtime.InteropServices;
using ClawFS.Linux;
using ClawOS.Security.GuardLink;

namespace Guard.Tests;

/// <summary>A command that needs approval, called like any other by a program in a sandbox: claw-exec stands in its place.</summary>
public sealed class StandInTests : IDisposable
{
    private readonly string tools = Directory.CreateTempSubdirectory("claw-tools-").FullName;

    public StandInTests()
    {
        File.WriteAllText(Tool, """
            #!/bin/sh
            case $1 in
                end) exit $2 ;;
                kill) kill -$2 $$ ;;
                read) read line; echo "read $line" ;;
                where) pwd; echo "$CLAW_TEST"; echo "$$" ;;
                stay) echo staying; exec sleep 600 ;;
                *) echo "deployed $*"; echo told >&2 ;;
            esac
            """);
        File.SetUnixFileMode(Tool, (UnixFileMode)0b111_101_101);
    }

    public void Dispose() => Directory.Delete(tools, recursive: true);

    private string Tool => Path.Combine(tools, "deploy");

    private string Policy(string more = "") => $"{GuardBed.Writing}[syscalls]\nprofile = \"default\"\n{more}[[command]]\npath = \"{Tool}\"\napprove = true\n";

    [Fact]
    public void A_yes_runs_it_with_the_callers_words_streams_folder_and_environment()
    {
        using Bed bed = new(Policy());
        Directory.CreateDirectory(Path.Combine(bed.Guard.Workspace, "sub dir"));
        bed.Shell.Send($"cd 'sub dir'; CLAW_TEST='of \"me\"' {Tool} 'a b' '' \"$(printf 'x\\ty')\" 2> ../said; echo \"$? end\"");
        ApprovalFrame card = bed.Next();
        Assert.Contains($"command = [\"{Tool}\", \"a b\", \"\", \"x\\ty\"]\n", card.Card, StringComparison.Ordinal);
        Assert.Contains($"folder = \"{bed.Guard.Workspace}/sub dir\"\n", card.Card, StringComparison.Ordinal);
        Assert.Contains("CLAW_TEST=of \\\"me\\\"", card.Card, StringComparison.Ordinal);
        GuardBed.Until(() => File.ReadAllText(Path.Combine(bed.Guard.Workspace, "said")).EndsWith('\n'), "the word that it waits"); // With a quick yes the command's come first.
        bed.Guard.Say(card.Id, isYes: true);
        Assert.Equal("deployed a b  x\ty", bed.Shell.Line());
        Assert.Equal("0 end", bed.Shell.Line());
        Assert.Equal($"claw: waits for the owner's yes: {card.Id} (claw approve {card.Id})\ntold\n", File.ReadAllText(Path.Combine(bed.Guard.Workspace, "said")));

        bed.Shell.Send($"cd ..; echo handed over | {Tool} read");
        bed.SayYes();
        Assert.Equal("read handed over", bed.Shell.Line());

        bed.Shell.Send($"CLAW_TEST=here {Tool} where");
        bed.SayYes();
        Assert.Equal(bed.Guard.Workspace, bed.Shell.Line());
        Assert.Equal("here", bed.Shell.Line());
        Assert.Equal("2", bed.Shell.Line()); // In a sandbox of its own.
    }

    [Theory]
    [InlineData("end 0", 0)]
    [InlineData("end 42", 42)]
    [InlineData("kill TERM", 128 + 15)]
    [InlineData("kill KILL", 128 + 9)]
    public void It_ends_as_the_command_ends(string words, int status)
    {
        using Bed bed = new(Policy());
        bed.Shell.Send($"{Tool} {words}; echo \"status $?\"");
        bed.SayYes();
        Assert.Equal($"status {status}", bed.Shell.Line());
    }

    [Fact]
    public void A_no_is_126_and_says_why()
    {
        using Bed bed = new(Policy());
        bed.Shell.Send($"{Tool} now 2>&1; echo \"status $?\"");
        ApprovalFrame card = bed.Next();
        Assert.Contains(card.Id, bed.Shell.Line(), StringComparison.Ordinal);
        bed.Guard.Say(card.Id, isYes: false);
        Assert.Contains("denied", bed.Shell.Line(), StringComparison.Ordinal);
        Assert.Equal("status 126", bed.Shell.Line());
    }

    [Fact]
    public void A_no_stands_for_the_whole_sandbox_and_says_so()
    {
        using Bed bed = new(Policy());
        bed.Shell.Send($"{Tool} now 2>/dev/null; echo \"status $?\"");
        ApprovalFrame card = bed.Next();
        bed.Guard.Say(card.Id, isYes: false);
        Assert.Equal("status 126", bed.Shell.Line());
        Assert.Equal(ApprovalOutcome.Denied, bed.Guard.OutcomeOf(card.Id));
        int before = bed.Guard.Approvals.Length;
        string again = bed.Shell.Ask($"( A=1 {Tool} now ) 2>&1");
        Assert.StartsWith($"claw: approval {card.Id}: denied by the owner, which stands for the same until ", again, StringComparison.Ordinal);
        Assert.Equal("status 126", bed.Shell.Ask($"{Tool} now 2>/dev/null; echo \"status $?\""));
        Assert.Equal(before, bed.Guard.Approvals.Length);
    }

    [Fact]
    public void A_command_that_its_policy_ends_says_why()
    {
        string Narrow(string more = "") => "on_revoke = \"kill\"\n" + Policy(more);
        using Bed bed = new(Narrow());
        _ = bed.Guard.Apply(("p.toml", Narrow("allow = [\"ptrace\"]\n"))); // Of that the shell has nothing, and nothing is taken from it afterwards.
        bed.Shell.Send($"{Tool} stay 2>&1; echo \"status $?\"");
        Assert.StartsWith("claw: waits for", bed.Shell.Line(), StringComparison.Ordinal);
        bed.SayYes();
        Assert.Equal("staying", bed.Shell.Line());
        _ = bed.Guard.Apply(("p.toml", Narrow()));
        Assert.StartsWith("claw: ended: its policy was narrowed in a way that only the next launch can hold (on_revoke): syscalls", bed.Shell.Line(), StringComparison.Ordinal);
        Assert.Equal("status 137", bed.Shell.Line());
    }

    [Fact]
    public void A_launcher_that_was_replaced_by_a_newer_one_still_stands_in()
    {
        string launcher = Path.Combine(tools, "claw-exec");
        File.Copy(Sandbox.Tests.ClawExec.Path, launcher);
        using Bed bed = new(Policy(), launcher);
        bed.Shell.Send("echo here");
        Assert.Equal("here", bed.Shell.Line()); // Only then has the view been built, of the launcher's file too.
        File.Move(launcher, launcher + ".old");
        File.Delete(launcher + ".old");
        File.Copy(Sandbox.Tests.ClawExec.Path, launcher);
        bed.Shell.Send($"{Tool} now");
        Assert.Contains($"command = [\"{Tool}\", \"now\"]\n", bed.SayYes().Card, StringComparison.Ordinal);
        Assert.Equal("deployed now", bed.Shell.Line());
    }

    /// <summary>A policy that says nothing of system calls has the profile tool-default, which knows no sockets: what asking takes comes with having something to ask for.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("[syscalls]\nprofile = \"tool-default\"\n")]
    public void It_asks_under_every_profile_and_that_opens_no_other_socket(string syscalls)
    {
        using Bed bed = new(Policy().Replace("[syscalls]\nprofile = \"default\"\n", syscalls, StringComparison.Ordinal));
        bed.Shell.Send($"{Tool} now 2>&1");
        Assert.StartsWith("claw: waits for", bed.Shell.Line(), StringComparison.Ordinal);
        bed.SayYes();
        Assert.Equal("deployed now", bed.Shell.Line());
        Assert.Equal("told", bed.Shell.Line());
        if (!File.Exists("/usr/bin/perl"))
        {
            Assert.Skip("needs /usr/bin/perl");
        }

        const int Local = 1, Inet = 2, Stream = 1, Datagram = 2, SeqPacket = 5;
        foreach ((int family, int type) in ((int, int)[])[(Local, Stream), (Local, Datagram), (Inet, Stream), (Inet, Datagram), (Inet, SeqPacket), (16, 3)])
        {
            Assert.Equal("38", Socket(family, type));
        }

        Assert.Equal("0", Socket(Local, SeqPacket));
        Assert.Equal("0", Socket(Local, SeqPacket | 0x80000 | 0x800));

        string Socket(int family, int type) => bed.Shell.Ask($"perl -e 'print syscall({(RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 41 : 198)}, {family}, {type}, 0) < 0 ? $!+0 : 0, \"\\n\"'");
    }

    [Fact]
    public void Who_is_killed_while_it_waits_withdraws_it_and_later_ends_the_command()
    {
        using Bed bed = new(Policy());
        bed.Shell.Send($"{Tool} now & until [ -e asked ]; do sleep 0.02; done; kill $!; wait $!; echo \"status $?\"");
        ApprovalFrame card = bed.Next();
        File.WriteAllText(Path.Combine(bed.Guard.Workspace, "asked"), "");
        Assert.Equal("status 143", bed.Shell.Line());
        Assert.Equal(ApprovalOutcome.Withdrawn, bed.Guard.OutcomeOf(card.Id));

        bed.Shell.Send($"{Tool} stay & until [ -e go ]; do sleep 0.02; done; kill -KILL $!; wait $!; echo \"status $?\"");
        bed.SayYes();
        Assert.Equal("staying", bed.Shell.Line());
        Assert.Equal(3, bed.Guard.Runs.Count(static letter => letter == '\n'));
        File.WriteAllText(Path.Combine(bed.Guard.Workspace, "go"), "");
        Assert.Equal("status 137", bed.Shell.Line());
        GuardBed.Until(() => bed.Guard.Runs.Count(static letter => letter == '\n') == 2, "the command to end");
    }

    [Fact]
    public void Neither_argv_nor_environment_nor_descriptors_make_a_launcher_of_it_and_the_command_itself_is_nowhere()
    {
        using Bed bed = new(Policy());
        Assert.Equal("no", bed.Shell.Can($"grep -q deployed {Tool}"));
        foreach (string call in (string[])["exec -a claw-exec {0} x", "exec -a '' {0} x", "exec 3</dev/null 4>/dev/null; env -i {0} x"])
        {
            bed.Shell.Send($"bash -c \"{string.Format(CultureInfo.InvariantCulture, call, Tool)}\"");
            Assert.Contains($"command = [\"{Tool}\", \"x\"]\n", bed.SayYes().Card, StringComparison.Ordinal);
            Assert.Equal("deployed x", bed.Shell.Line());
        }
    }

    [Fact]
    public void A_caller_that_has_closed_its_streams_gets_the_null_device()
    {
        using Bed bed = new(Policy());
        bed.Shell.Send($"{Tool} read <&- 2>&-");
        bed.SayYes();
        Assert.Equal("read ", bed.Shell.Line());
    }

    [Fact]
    public void What_is_too_long_or_no_text_or_called_elsewhere_is_refused_with_words()
    {
        using Bed bed = new(Policy());
        foreach ((string call, string reason) in ((string, string)[])
        [
            ($"{Tool} $(head -c 70000 /dev/zero | tr '\\\\0' a)", "longer than 64 KiB"),
            ($"{Tool} $(printf '\\\\377')", "is no text"),
            ($"mkdir -p /tmp/own; cd /tmp/own; {Tool}", "is not the folder that came along"),
        ])
        {
            Assert.Contains(reason, bed.Shell.Ask($"bash -c \"{call.Replace("$", "\\$", StringComparison.Ordinal)}\" 2>&1 | tr '\\n' ' '; echo"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Who_rewrites_the_words_behind_a_pending_yes_changes_nothing()
    {
        if (!File.Exists("/usr/bin/python3"))
        {
            Assert.Skip("needs /usr/bin/python3");
        }

        using Bed bed = new(Policy("allow = [\"process_vm_writev\"]\n"));
        File.WriteAllText(Path.Combine(bed.Guard.Workspace, "swap.py"), $$"""
            import ctypes, subprocess
            child = subprocess.Popen(["{{Tool}}", "safe"], stderr=subprocess.PIPE)
            child.stderr.readline()  # It waits for the yes.
            start = int(open(f"/proc/{child.pid}/stat").read().rsplit(")", 1)[1].split()[45])
            class Part(ctypes.Structure):
                _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]
            word = ctypes.create_string_buffer(b"evil", 4)
            here = Part(ctypes.addressof(word), 4)
            there = Part(start + len("{{Tool}}") + 1, 4)
            libc = ctypes.CDLL(None, use_errno=True)
            print("swapped", libc.process_vm_writev(child.pid, ctypes.byref(here), 1, ctypes.byref(there), 1, 0), open(f"/proc/{child.pid}/cmdline").read().split("\0")[1], flush=True)
            child.wait()
            """);
        bed.Shell.Send("/usr/bin/python3 swap.py");
        ApprovalFrame card = bed.Next();
        Assert.Contains($"command = [\"{Tool}\", \"safe\"]\n", card.Card, StringComparison.Ordinal);
        Assert.Equal("swapped 4 evil", bed.Shell.Line());
        bed.Guard.Say(card.Id, isYes: true);
        Assert.Equal("deployed safe", bed.Shell.Line());
    }

    /// <summary>guard, and a shell in a sandbox of it.</summary>
    private sealed class Bed : IDisposable
    {
        private readonly SeqPacketSocket client;
        private int seen;

        internal Bed(string policy, string? launcher = null)
        {
            Guard = new GuardBed(launcher, ("p.toml", policy));
            client = Guard.Ask(Guard.Order("/bin/bash"), Shell.Streams);
            Shell.HandOver();
            LaunchReply reply = GuardBed.Reply(client);
            Assert.True(reply.Run is not null, reply.Error);
            Shell.Send("exec 2>/dev/null");
        }

        internal GuardBed Guard { get; }

        internal Shell Shell { get; } = new();

        /// <summary>What is asked next.</summary>
        internal ApprovalFrame Next()
        {
            ApprovalFrame card = Guard.Approval(seen);
            seen = Array.FindLastIndex(Guard.Approvals, frame => frame == card) + 1;
            return card;
        }

        /// <summary>Says yes to it.</summary>
        internal ApprovalFrame SayYes()
        {
            ApprovalFrame card = Next();
            Guard.Say(card.Id, isYes: true);
            return card;
        }

        public void Dispose()
        {
            client.Dispose();
            Shell.Dispose();
            Guard.Dispose();
        }
    }
}
