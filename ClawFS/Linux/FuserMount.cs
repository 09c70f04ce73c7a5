using Microsoft.Win32.SafeHandles;
using System.Globalization;

namespace ClawFS.Linux;

/// <summary>
/// Mounting without privilege through the set-uid program fusermount3 (package fuse3): it checks the folder, mounts, and
/// passes the /dev/fuse descriptor back over a socket whose number it finds in _FUSE_COMMFD.
/// </summary>
public static class FuserMount
{
    private const int CommDescriptor = 3;

    /// <summary>The program's path, or null when the package is not installed.</summary>
    public static string? Program { get; } = Find("fusermount3");

    /// <summary>Mounts a new connection.</summary>
    /// <param name="mountPoint">An existing folder that the caller owns.</param>
    /// <param name="readOnly">Mounts read-only.</param>
    /// <param name="allowOther">Lets other users in; needs user_allow_other in /etc/fuse.conf.</param>
    /// <returns>The mounted connection's descriptor.</returns>
    /// <exception cref="IOException">fusermount3 is missing or refused; its own words are in the message.</exception>
    public static SafeFileHandle Mount(string mountPoint, bool readOnly, bool allowOther)
    {
        string options = string.Create(
            CultureInfo.InvariantCulture,
            $"fsname=clawfs,subtype=clawfs,default_permissions,max_read={FuseMount.MaxRead}{(readOnly ? ",ro" : "")}{(allowOther ? ",allow_other" : "")}");
        (SeqPacketSocket own, SeqPacketSocket theirs) = SeqPacketSocket.CreatePair();
        using (own)
        {
            string complaint;
            int code;
            using (theirs)
            {
                (code, complaint) = Run(["-o", options, "--", mountPoint], theirs);
            }

            Span<byte> note = stackalloc byte[16];
            int length = own.Receive(note, out SafeFileHandle? device);
            return code == 0 && length > 0 && device is not null
                ? device
                : throw new IOException($"fusermount3 could not mount {mountPoint}: {(complaint.Length > 0 ? complaint : $"exit code {code}")}");
        }
    }

    /// <summary>Takes a mount away.</summary>
    /// <param name="mountPoint">Where it is mounted.</param>
    /// <param name="lazy">Detaches it at once although it is in use.</param>
    /// <param name="complaint">What fusermount3 said, when it refused.</param>
    /// <returns>Whether it is unmounted.</returns>
    public static bool Unmount(string mountPoint, bool lazy, out string complaint)
    {
        (int code, complaint) = Run(lazy ? ["-u", "-z", "--", mountPoint] : ["-u", "--", mountPoint], null);
        return code == 0;
    }

    private static (int Code, string Complaint) Run(string[] arguments, SeqPacketSocket? comm)
    {
        if (Program is null)
        {
            throw new IOException("fusermount3 is not installed; apt-get install fuse3");
        }

        using Pipe errors = Pipe.Create();
        SpawnPlan plan = new() { Program = Program, Arguments = arguments, Output = errors.Writer };
        if (comm is not null)
        {
            plan.Descriptors.Add((comm.Descriptor, CommDescriptor));
            plan.Environment["_FUSE_COMMFD"] = CommDescriptor.ToString(CultureInfo.InvariantCulture);
        }

        ChildProcess child = ChildProcess.Start(plan);
        comm?.Dispose();
        errors.Writer.Dispose();
        string complaint = errors.ReadToEnd(maxBytes: 4096).Trim();
        return (child.WaitForExit().Code, complaint);
    }

    private static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin:/bin")
            .Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Append("/usr/bin")
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(File.Exists);
}
