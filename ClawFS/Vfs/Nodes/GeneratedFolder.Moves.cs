namespace ClawFS.Vfs;

// Children that callers make, rename and remove. The kernel makes the same change of its own names, so it is only told that the listing is another one.
public partial class GeneratedFolder
{
    /// <summary>Adds a node under a name that is free.</summary>
    private protected void PlaceNode(byte[] name, GeneratedNode node)
    {
        lock (gate)
        {
            Dictionary<byte[], FolderChild> next = new(state.Fixed, NameComparer.Instance) { { name, new(node, 0, true) } };
            node.Parent = this;
            node.Name = name;
            Tree?.Attach(node);
            state = state.With(next);
        }
        Tree?.ListingChanged(this);
    }

    /// <summary>Takes a node's name away. The kernel may know it on: it stays until that forgets it.</summary>
    private protected void UnlinkNode(GeneratedNode node)
    {
        lock (gate)
        {
            Dictionary<byte[], FolderChild> next = new(state.Fixed, NameComparer.Instance);
            if (!next.TryGetValue(node.Name, out FolderChild child) || child.Node != node)
            {
                return;
            }
            next.Remove(node.Name);
            state = state.With(next);
        }
        Orphan(node);
        Tree?.ListingChanged(this);
    }

    /// <summary>Gives a node another name: its number stays. The new name is there before the old one goes.</summary>
    private protected void MoveNode(GeneratedNode node, GeneratedFolder to, byte[] name)
    {
        byte[] old = node.Name;
        FolderChild replaced;
        lock (to.gate)
        {
            Dictionary<byte[], FolderChild> next = new(to.state.Fixed, NameComparer.Instance);
            next.TryGetValue(name, out replaced);
            next[name] = new(node, 0, true);
            if (to == this)
            {
                next.Remove(old);
            }
            (node.Parent, node.Name) = (to, name);
            node.Path = to.Path is null ? null : GeneratedTree.PathOf(to, name);
            to.state = to.state.With(next);
        }
        if (to != this)
        {
            lock (gate)
            {
                Dictionary<byte[], FolderChild> next = new(state.Fixed, NameComparer.Instance);
                next.Remove(old);
                state = state.With(next);
            }
            Tree?.ListingChanged(to);
        }
        if (replaced.Node is { } gone && gone != node)
        {
            Orphan(gone);
        }
        Tree?.ListingChanged(this);
    }

    private void Orphan(GeneratedNode node)
    {
        node.Parent = null;
        node.Path = null;
        Tree?.Orphan(node);
    }
}
