using ClawFS.Vfs;

namespace ClawFS.Fuse.Dispatch;

/// <summary>What a reply hands to the kernel: a lookup reference, an open handle.</summary>
internal struct Given
{
    /// <summary>Node of the lookup reference; 0: none.</summary>
    internal ulong Node;
    /// <summary>Whether a file was opened.</summary>
    internal bool Opened;
    /// <summary>The node that was opened.</summary>
    internal ulong OpenNode;
    /// <summary>Its handle.</summary>
    internal ulong Handle;
    /// <summary>The flags of the open.</summary>
    internal int Flags;

    /// <summary>
    /// The reply was refused with ENOENT: the client is gone, the kernel has taken nothing and will never give it back, so the tree
    /// takes it back now.
    /// </summary>
    internal readonly void TakeBack(NodeTree tree, FuseRequest request)
    {
        if (Opened)
        {
            tree.Release(request, OpenNode, Handle, Flags);
        }

        if (Node != 0)
        {
            tree.Forget(Node, 1);
        }

        if (request.Opcode == FuseOpcode.ReadDirPlus)
        {
            request.Listing.ForgetAll(tree);
        }
    }
}
