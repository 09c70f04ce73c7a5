using System.Security.Cryptography;
using System.Text;
using ClawFS.Linux;
using ClawOS.Security.GuardLink;
using ClawOS.Security.Policy;
using ClawOS.Security.Sandbox;
using Microsoft.Win32.SafeHandles;

namespace ClawOS.Security.Guard;

/// <summary>
/// What will really run if the owner says yes: the file, down to its content, its words, its folders, and what its policy comes to. Who starts it asks <see cref="ChangeSince"/> right before:
/// the yes was to this and to nothing else.
/// </summary>
public sealed class BoundCommand
{
    /// <summary>Bytes of a program: larger ones are not hashed.</summary>
    private const long MostBytes = 1L << 30;

    private readonly FileIdentity file;
    private readonly string sha256;
    private readonly string policyDigest;

    private BoundCommand(string policy, string policyDigest, ApprovedLaunch launch, string folder, string workspace, FileIdentity file, string sha256) =>
        (Policy, this.policyDigest, Launch, Folder, Workspace, this.file, this.sha256) = (policy, policyDigest, launch, folder, workspace, file, sha256);

    /// <summary>The name of the policy.</summary>
    public string Policy { get; }

    /// <summary>The program and its words.</summary>
    public ApprovedLaunch Launch { get; }

    /// <summary>The working folder.</summary>
    public string Folder { get; }

    /// <summary>What $WORKSPACE stands for.</summary>
    public string Workspace { get; }

    /// <summary>Looks at what would run.</summary>
    /// <param name="policy">The policy, compiled for the workspace.</param>
    /// <param name="launch">What needs approval.</param>
    /// <param name="folder">The working folder.</param>
    /// <param name="workspace">What $WORKSPACE stands for.</param>
    /// <exception cref="SandboxRefusedException">It cannot be looked at, or changes meanwhile.</exception>
    public static BoundCommand Bind(EffectivePolicy policy, ApprovedLaunch launch, string folder, string workspace)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(launch);
        try
        {
            (FileIdentity file, string sha256) = Look(launch.Program);
            return new BoundCommand(policy.Name, DigestOf(policy), launch, folder, workspace, file, sha256);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new SandboxRefusedException($"{launch.Program}: cannot be looked at: {error.Message}");
        }
    }

    /// <summary>What is different by now from what was shown.</summary>
    /// <param name="policy">The policy as it is now.</param>
    /// <param name="launch">What would need approval now.</param>
    /// <returns>Null when nothing is.</returns>
    public string? ChangeSince(EffectivePolicy policy, ApprovedLaunch? launch)
    {
        ArgumentNullException.ThrowIfNull(policy);
        if (policy.Name != Policy || DigestOf(policy) != policyDigest)
        {
            return $"the policy {Policy} is another one by now";
        }

        if (launch is null || !launch.IsSameAs(Launch))
        {
            return $"{Launch.Command[0]} leads to another program by now";
        }

        try
        {
            (FileIdentity now, string content) = Look(Launch.Program);
            return now.Device != file.Device || now.Inode != file.Inode ? $"{Launch.Program} is another file by now"
                : now != file || content != sha256 ? $"{Launch.Program} has been written to"
                : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or SandboxRefusedException)
        {
            return $"{Launch.Program} cannot be looked at any more: {error.Message}";
        }
    }

    /// <summary>Its lines on the card.</summary>
    public IReadOnlyList<CardField> Fields =>
    [
        CardField.Of("what", "launch"),
        CardField.Of("policy", Policy),
        CardField.Of("program", Launch.Program),
        CardField.Of("command", Launch.Command),
        CardField.Of("folder", Folder),
        CardField.Of("workspace", Workspace),
        CardField.Of("sha256", sha256),
    ];

    /// <summary>What a no to it stands for: whatever a variable says, and whoever in the sandbox asks.</summary>
    internal string Question => string.Concat(Fields.Select(ApprovalCard.Line)) + policyDigest;

    /// <summary>Opened once: what is hashed is what was looked at, and it is still there when that is done.</summary>
    private static (FileIdentity File, string Sha256) Look(string program)
    {
        using SafeFileHandle opened = RegularFile.OpenRead(program);
        FileIdentity before = FileIdentity.Of(opened);
        if (before.Size > MostBytes)
        {
            throw new SandboxRefusedException($"{program}: has more than {MostBytes} bytes");
        }

        using FileStream stream = new(opened, FileAccess.Read, bufferSize: 0);
        string content = Convert.ToHexStringLower(SHA256.HashData(stream));
        if (FileIdentity.Of(opened) != before)
        {
            throw new SandboxRefusedException($"{program}: is being written to");
        }

        using SafeFileHandle again = RegularFile.OpenRead(program);
        return FileIdentity.Of(again) == before ? (before, content) : throw new SandboxRefusedException($"{program}: is being exchanged");
    }

    /// <summary>Of what the policy comes to, not of where it is written.</summary>
    private static string DigestOf(EffectivePolicy policy) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', EffectiveText.Lines(policy).Select(static line => $"{line.What}\t{line.Rule}\t{line.Layers}")))));
}
