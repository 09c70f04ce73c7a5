using System.Runtime.InteropServices;

namespace ClawFS.Fuse.Wire;

/// <summary>struct fuse_in_header: every request begins with it.</summary>
[StructLayout(LayoutKind.Sequential, Size = ByteSize)]
internal struct InHeader
{
    internal const int ByteSize = 40;
    internal uint Length;
    internal FuseOpcode Opcode;
    internal ulong Unique;
    internal ulong Node;
    internal uint Uid;
    internal uint Gid;
    internal uint Pid;
    /// <summary>Extensions at the end of the request, in units of 8 bytes (7.38). None is negotiated here.</summary>
    internal ushort ExtensionUnits;
    internal ushort Padding;
}

/// <summary>struct fuse_out_header: every reply and notification begins with it. Errors are negated; a notification has unique 0 and its code here.</summary>
[StructLayout(LayoutKind.Sequential, Size = ByteSize)]
internal struct OutHeader
{
    internal const int ByteSize = 16;
    internal uint Length;
    internal int Error;
    internal ulong Unique;
}
