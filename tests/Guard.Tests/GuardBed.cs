using System.Text.Json;
using ClawFS.Linux;
using ClawOS.Security.Guard;
using ClawOS.Security.GuardLink;
using Sandbox.Tests;

namespace Guard.Tests;

/// <summary>Guard in this process, with a plain folder for a mount and this test for fs; sandboxes are real, made by claw-exec.</summary>
internal sealed class GuardBed : IDisposable
{
    internal static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    /// <summary>Installed programs and a workspace that may be read.</summary>
    internal const string Programs = """
        [paths]
        read = ["/usr/**", "/bin/**", "/lib/**", "/lib64/**", "/etc/ld.so.cache", "/dev/null", "$WORKSPACE/**"]
        execute = ["/usr/**", "/bin/**", "/lib/**", "/lib64/**"]
        """;

    /// <summary>The same workspace, which may be written.</summary>
    internal const string Writing = Programs + "\nwrite = [\"/dev/null\", \"$WORKSPACE/**\"]\n";

    private readonly string folder = Directory.CreateTempSubdirectory("claw-guard-").FullName;
    private readonly List<AppliedFrame> applied = [];
    private readonly List<GuardFrame> approvals = [];
    private readonly TimeSpan approvalLifetime;
    private readonly string launcher;
    private GuardProcess guard;
    private GuardChannel? fs;
    private readonly List<OpenViewFrame> views = [];
    private string runs = "";
    private ulong version;
    private (string, string)[] files = [];

    internal GuardBed(params (string Name, string Text)[] files)
        : this(ApprovalTable.Lifetime, files)
    {
    }

    internal GuardBed(TimeSpan approvalLifetime, params (string Name, string Text)[] files)
        : this(approvalLifetime, null, files)
    {
    }

    /// <param name="launcher">Path of claw-exec; null: the usual one.</param>
    /// <param name="files">The policies.</param>
    internal GuardBed(string? launcher, params (string Name, string Text)[] files)
        : this(ApprovalTable.Lifetime, launcher, files)
    {
    }

    private GuardBed(TimeSpan approvalLifetime, string? launcher, (string Name, string Text)[] files)
    {
        this.approvalLifetime = approvalLifetime;
        this.launcher = launcher ?? ClawExec.Path;
        Directory.CreateDirectory(Workspace);
        Directory.CreateDirectory(Path.Combine(Mount, "run"));
        guard = NewGuard();
        Attach();
        Publish(files);
        Until(() => File.Exists(Socket), "the launch socket");
    }

    internal string Mount => Path.Combine(folder, "mount");

    internal string Workspace => Path.Combine(folder, "work");

    internal string Socket => Path.Combine(Mount, "run", "launch");

    /// <summary>What this fs answers to guard's views.</summary>
    internal uint ViewErrno { get; set; }

    /// <summary>The views that guard has open.</summary>
    internal OpenViewFrame[] Views
    {
        get
        {
            lock (views)
            {
                return [.. views];
            }
        }
    }

    internal string ViewOf(string id) => Path.Combine(Mount, ".views", id);

    internal List<string> Reports { get; } = [];

    /// <summary>What is published with the policies.</summary>
    internal PolicyMode Mode { get; set; } = PolicyMode.Enforce;

    internal string Runs => Volatile.Read(ref runs);

    /// <summary>Makes these files the live policies.</summary>
    /// <returns>The version.</returns>
    internal ulong Publish(params (string Name, string Text)[] now)
    {
        files = now;
        foreach (PoliciesFrame frame in new PolicyFiles(++version, Mode, now).ToFrames())
        {
            Assert.True(fs!.Send(frame));
        }

        return version;
    }

    /// <summary>Publishes, and waits for what guard says has become of it.</summary>
    internal string Apply(params (string Name, string Text)[] now)
    {
        ulong wanted = Publish(now);
        Until(() => Find(wanted) is not null, $"version {wanted}");
        return Find(wanted)!;
    }

    /// <summary>Another guard in place of this one, as after its death: it knows nothing.</summary>
    internal void Replace()
    {
        fs!.Dispose();
        guard.Dispose();
        Volatile.Write(ref runs, "");
        guard = NewGuard();
        Attach();
        Publish(files);
    }

    /// <summary>Another fs, with guard as it is.</summary>
    internal void ReplaceFs()
    {
        Attach();
        Publish(files);
    }

    /// <summary>Asks at the launch socket and leaves the connection open.</summary>
    internal SeqPacketSocket Ask(LaunchOrder order, params System.Runtime.InteropServices.SafeHandle[] streams) => AskAt(null, order, streams);

    /// <summary>Asks at the launch socket of a view, null: at the owner's, and leaves the connection open.</summary>
    internal SeqPacketSocket AskAt(string? view, LaunchOrder order, params System.Runtime.InteropServices.SafeHandle[] streams)
    {
        SeqPacketSocket client = Connect(view);
        Assert.True(client.SendAll(JsonSerializer.SerializeToUtf8Bytes(new LaunchMessage { Launch = order }, LaunchJson.Default.LaunchMessage), streams));
        return client;
    }

    /// <summary>A new socket takes the place of an old one by being removed and bound: between the two there is none.</summary>
    internal SeqPacketSocket Connect(string? view = null)
    {
        SeqPacketSocket? made = null;
        Until(() => (made = TryConnect(view is null ? Mount : ViewOf(view))) is not null, "a connection");
        return made!;
    }

    /// <summary>Whether somebody listens at the socket of a view now.</summary>
    internal bool CanConnect(string view)
    {
        using SeqPacketSocket? made = TryConnect(ViewOf(view));
        return made is not null;
    }

    internal static LaunchReply Reply(SeqPacketSocket client)
    {
        byte[] buffer = new byte[MessageChannel.MaxMessage];
        Assert.True(client.WaitForMessage(Limit), "no answer");
        int length = client.Receive(buffer);
        Assert.True(length > 0, "the end instead of an answer");
        return JsonSerializer.Deserialize(buffer.AsSpan(0, length), LaunchJson.Default.LaunchReply)!;
    }

    internal LaunchOrder Order(params string[] command) => new()
    {
        Policy = "p",
        Workspace = Workspace,
        Folder = Workspace,
        Command = command,
        Environment = new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin" },
    };

    /// <summary>What this fs was told of approvals.</summary>
    internal GuardFrame[] Approvals
    {
        get
        {
            lock (approvals)
            {
                return [.. approvals];
            }
        }
    }

    /// <summary>The next approval that is told after so many frames about them.</summary>
    internal ApprovalFrame Approval(int after = 0)
    {
        Until(() => Approvals.Skip(after).OfType<ApprovalFrame>().Any(), "an approval");
        return Approvals.Skip(after).OfType<ApprovalFrame>().First();
    }

    /// <summary>How it ended, as fs is told; exactly once.</summary>
    internal ApprovalOutcome OutcomeOf(string id)
    {
        Until(() => Approvals.OfType<ApprovalGoneFrame>().Any(frame => frame.Id == id), $"the end of approval {id}");
        return Approvals.OfType<ApprovalGoneFrame>().Single(frame => frame.Id == id).Outcome;
    }

    /// <summary>The owner's word, or somebody else's.</summary>
    internal void Say(string id, bool isYes, uint? uid = null) => Assert.True(fs!.Send(new DecisionFrame(id, isYes, uid ?? ProcessIdentity.Uid)));

    internal static void Until(Func<bool> holds, string what) => Assert.True(SpinWait.SpinUntil(holds, Limit), $"waited in vain for {what}");

    public void Dispose()
    {
        fs?.Dispose();
        guard.Dispose();

        // Views go while their sandboxes end: what is gone at the second look needs no deleting.
        Until(() =>
        {
            try
            {
                Directory.Delete(folder, recursive: true);
            }
            catch (IOException)
            {
                return false;
            }

            return !Directory.Exists(folder);
        }, "an empty folder");
    }

    private string? Find(ulong wanted)
    {
        lock (applied)
        {
            return applied.Find(frame => frame.Version == wanted)?.Text;
        }
    }

    private static SeqPacketSocket? TryConnect(string root)
    {
        try
        {
            return SeqPacketSocket.Connect(Path.Combine(root, "run"), "launch");
        }
        catch (LinuxException error) when (error.Error is Errno.ENOENT or Errno.ECONNREFUSED)
        {
            Thread.Sleep(5);
            return null;
        }
    }

    private GuardProcess NewGuard() => new(new GuardOptions(Mount, launcher, ProcessIdentity.Uid, ProcessIdentity.Gid, line =>
    {
        lock (Reports)
        {
            Reports.Add(line);
        }
    }) { ApprovalLifetime = approvalLifetime });

    private void Attach()
    {
        (SeqPacketSocket own, SeqPacketSocket theirs) = SeqPacketSocket.CreatePair();
        fs?.Dispose();
        fs = new GuardChannel(own, "guard") { Received = Take, Ended = _ => { } };
        fs.Start();
        guard.Attach(theirs);
    }

    private void Take(GuardFrame frame)
    {
        switch (frame)
        {
            case AppliedFrame told:
                lock (applied)
                {
                    applied.Add(told);
                }

                break;
            case OpenViewFrame wanted:
                lock (views)
                {
                    views.Add(wanted);
                    foreach (string place in wanted.Grants.Select(static grant => grant.Path).Append("run"))
                    {
                        Directory.CreateDirectory(Path.Combine(ViewOf(wanted.Id), place));
                    }
                }

                _ = fs!.Send(new ViewOpenedFrame(wanted.Request, ViewErrno));
                break;
            case CloseViewFrame gone:
                lock (views)
                {
                    _ = views.RemoveAll(view => view.Id == gone.Id);
                    Directory.Delete(ViewOf(gone.Id), recursive: true);
                }

                break;
            case ApprovalFrame or ApprovalGoneFrame:
                lock (approvals)
                {
                    approvals.Add(frame);
                }

                break;
            case RunsFrame told:
                Volatile.Write(ref runs, told.Text);
                break;
            default:
                break;
        }
    }
}
