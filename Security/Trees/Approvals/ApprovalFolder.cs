using ClawFS.Linux;
using ClawFS.Vfs;

namespace ClawOS.Security.Trees;

/// <summary>`approvals/`: a file for each thing that waits for the owner's yes. The owner's alone; no view has it.</summary>
public sealed class ApprovalFolder : GeneratedFolder
{
    /// <summary>The name in the root.</summary>
    public const string FileName = "approvals";

    /// <summary>The unlisted file that changes whenever one comes or goes, since a name that vanishes tells watchers of the folder nothing.</summary>
    internal const string ChangesName = ".changed";

    private const uint OwnerOnly = 0x1C0, OwnerReads = 0x100;

    private readonly ChangeCount changes = new();

    internal ApprovalFolder() : base(OwnerOnly) => Add(ChangesName, changes, listed: false);

    /// <summary>The notify worker wakes who watches.</summary>
    protected override bool IsPassage => true;

    /// <inheritdoc/>
    protected override uint AttrSeconds => 0;

    /// <summary>Who answers by a shell's `>` asks for a new file once the one that it means is gone.</summary>
    protected override Errno NoNewFile => Errno.ENOENT;

    internal void Show(ApprovalFile file)
    {
        _ = Add(file.Id, file);
        file.Changed();
        changes.Changed();
    }

    internal void Hide(ApprovalFile file)
    {
        _ = Remove(file.Id);
        changes.Changed();
    }

    /// <summary>How often something has come or gone.</summary>
    private sealed class ChangeCount() : GeneratedFile(OwnerReads, Timeout.InfiniteTimeSpan)
    {
        private long count;

        protected override bool WakesFolder => true;

        public override void Changed()
        {
            _ = Interlocked.Increment(ref count);
            base.Changed();
        }

        protected override byte[] Render() => System.Text.Encoding.ASCII.GetBytes($"{Interlocked.Read(ref count)}\n");
    }
}
