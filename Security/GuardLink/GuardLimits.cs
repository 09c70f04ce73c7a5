using ClawFS.Linux;

namespace ClawOS.Security.GuardLink;

/// <summary>What either side may send at most; docs/ipc.md is the table. Both sides check what they get.</summary>
public static class GuardLimits
{
    /// <summary>Version of the protocol.</summary>
    public const ushort Version = 1;

    /// <summary>Longest frame in bytes.</summary>
    public const int MaxFrame = MessageChannel.MaxMessage;

    /// <summary>Bytes of policies in one frame.</summary>
    public const int MaxPart = 48 * 1024;

    /// <summary>Frames of one version of the policies: 6 MiB in all.</summary>
    public const int MaxParts = 128;

    /// <summary>Policies of one version.</summary>
    public const int MaxFiles = 1024;

    /// <summary>Grants of one view.</summary>
    public const int MaxGrants = 256;

    /// <summary>Bytes of all grants' paths together.</summary>
    public const int MaxPaths = 48 * 1024;

    /// <summary>Bytes of a text for people.</summary>
    public const int MaxText = 60 * 1024;

    /// <summary>Letters of the name of an approval.</summary>
    public const int MaxName = 64;

    /// <summary>Letters of the name of a view.</summary>
    public const int ViewIdLength = 32;
}
