using ClawFS.Store.Objects;

namespace ClawFS.Store.Checks;

/// <summary>Second stage: whether names and inodes agree, and whether every inode can be reached.</summary>
internal sealed class NameScan(Scan scan, ProgressMeter meter, CancellationToken cancel)
{
    private readonly List<ScanEdge> astray = [];

    public void Run()
    {
        meter.Start("names", scan.Edges.Count + scan.Nodes.Count);
        foreach (ScanEdge edge in scan.Edges)
        {
            cancel.ThrowIfCancellationRequested();
            Check(edge);
            meter.Add(1);
        }
        foreach (ScanEdge edge in astray.Where(e => scan.Nodes[e.Child].Names == 1))
        {
            scan.Add(FsckCode.FolderParent, edge.Child, $"folder {edge.Child} is in folder {edge.Folder}, but notes folder {scan.Nodes[edge.Child].Parent}");
        }
        Reach(StoreHead.RootFolder);
        Reach(StoreHead.HiddenFolder);
        foreach ((ulong id, ScanNode node) in scan.Nodes)
        {
            Check(id, node);
            meter.Add(1);
        }
        foreach (ulong id in scan.Orphans.Where(id => !scan.Nodes.TryGetValue(id, out ScanNode? node) || node.Names > 0))
        {
            scan.Add(FsckCode.OrphanSet, id, scan.Nodes.ContainsKey(id) ? $"inode {id} has a name and is listed as nameless" : $"inode {id} is listed as nameless and is not there");
        }
        // What is still unreached hangs below a lost folder or in a circle; a circle has no lost folder to begin at.
        foreach ((ulong id, ScanNode node) in scan.Nodes.Where(static n => n.Value.Names == 0 && n.Value.IsFolder))
        {
            Reach(id);
        }
        foreach ((ulong id, ScanNode node) in scan.Nodes.Where(static n => !n.Value.Reached && n.Value.IsFolder))
        {
            if (!node.Reached && IsInCycle(id))
            {
                scan.Cycles.Add(id);
                scan.Add(FsckCode.FolderCycle, id, $"folder {id} contains itself");
                Reach(id);
            }
        }
    }

    private void Check(in ScanEdge edge)
    {
        if (!scan.Nodes.TryGetValue(edge.Child, out ScanNode? child))
        {
            scan.Add(FsckCode.EntryDangling, edge.Folder, $"folder {edge.Folder}: the entry at {edge.Key:x} names inode {edge.Child}, which cannot be read or is not there");
            return;
        }
        if (edge.Type != FileMode.DirentType(child.Mode))
        {
            scan.Add(FsckCode.EntryType, edge.Folder, $"folder {edge.Folder}: the entry at {edge.Key:x} says type {edge.Type}, inode {edge.Child} is of type {FileMode.DirentType(child.Mode)}");
        }
        child.Names++;
        if (!child.IsFolder)
        {
            return;
        }
        scan.Nodes[edge.Folder].Subfolders++;
        if (child.Names > 1 || edge.Child is StoreHead.RootFolder or StoreHead.HiddenFolder)
        {
            scan.Add(FsckCode.FolderNamedTwice, edge.Child, $"folder {edge.Child} has another name in folder {edge.Folder}");
        }
        else if (child.Parent != edge.Folder || child.NameKey != edge.Key)
        {
            astray.Add(edge);
        }
    }

    private void Check(ulong id, ScanNode node)
    {
        if (id is StoreHead.RootFolder or StoreHead.HiddenFolder)
        {
            CheckLinks(id, node, 2 + node.Subfolders);
        }
        else if (node.Names > 0)
        {
            CheckLinks(id, node, node.IsFolder ? 2 + node.Subfolders : node.Names);
        }
        else if (node.Nlink != 0 || !scan.Orphans.Contains(id))
        {
            scan.Add(FsckCode.InodeLost, id, $"no name leads to inode {id}");
        }
    }

    private void CheckLinks(ulong id, ScanNode node, uint expected)
    {
        if (node.Nlink != expected)
        {
            scan.Add(FsckCode.LinkCount, id, $"inode {id} counts {node.Nlink} links, there are {expected}");
        }
    }

    /// <summary>Marks everything below a folder, the folder included. Its own stack: folders may lie deeper than a thread's goes.</summary>
    private void Reach(ulong from)
    {
        var waiting = new Stack<ulong>();
        waiting.Push(from);
        while (waiting.TryPop(out ulong id))
        {
            if (!scan.Nodes.TryGetValue(id, out ScanNode? node) || node.Reached)
            {
                continue;
            }
            node.Reached = true;
            for (int i = 0; i < node.EdgeCount; i++)
            {
                waiting.Push(scan.Edges[node.FirstEdge + i].Child);
            }
        }
    }

    private bool IsInCycle(ulong start)
    {
        var waiting = new Stack<ulong>();
        var seen = new HashSet<ulong>();
        waiting.Push(start);
        while (waiting.TryPop(out ulong id))
        {
            ScanNode node = scan.Nodes[id];
            for (int i = 0; i < node.EdgeCount; i++)
            {
                ulong child = scan.Edges[node.FirstEdge + i].Child;
                if (child == start)
                {
                    return true;
                }
                if (scan.Nodes.TryGetValue(child, out ScanNode? below) && below.IsFolder && seen.Add(child))
                {
                    waiting.Push(child);
                }
            }
        }
        return false;
    }
}
