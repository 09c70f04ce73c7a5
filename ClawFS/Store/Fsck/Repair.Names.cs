using System.Globalization;
using System.Text;
using ClawFS.Store.Objects;

namespace ClawFS.Store.Checks;

internal sealed partial class Repair
{
    private void MendEntries()
    {
        Dictionary<ulong, ScanEdge> kept = NamesToKeep();
        foreach (ScanEdge edge in scan.Edges)
        {
            if (!scan.Nodes.TryGetValue(edge.Child, out ScanNode? child))
            {
                if (!state.Cache.TryPinLoaded(edge.Child, out InodeLease lease))
                {
                    Remove(edge, $"named inode {edge.Child}, which cannot be read");
                }
                else
                {
                    lease.Dispose();
                }
            }
            else if (IsFixed(edge.Child) || (kept.TryGetValue(edge.Child, out ScanEdge right) && right != edge))
            {
                Remove(edge, $"was a further name of folder {edge.Child}");
            }
            else if (edge.Type != FileMode.DirentType(child.Mode))
            {
                With(edge.Folder, folder => Retype(folder, edge, child));
            }
        }
        foreach (ScanEdge bad in scan.BadEntries)
        {
            if (bad.Child == 0)
            {
                Remove(bad, "was malformed");
            }
            else
            {
                With(bad.Folder, folder => Replace(folder, bad));
            }
        }
        HashSet<ulong> astray = [.. scan.Problems.Where(static p => p.Code == FsckCode.FolderParent).Select(static p => p.Object)];
        foreach (ScanEdge edge in scan.Edges.Where(e => astray.Contains(e.Child) && scan.Nodes[e.Child].Names == 1))
        {
            With(edge.Child, folder =>
            {
                folder.Parent = edge.Folder;
                folder.NameKey = edge.Key;
                Note($"folder {folder.Id} notes folder {edge.Folder} as its parent", folder.Id);
            });
        }
    }

    /// <summary>For folders with several names the one that the folder itself notes, or the first.</summary>
    private Dictionary<ulong, ScanEdge> NamesToKeep()
    {
        var kept = new Dictionary<ulong, ScanEdge>();
        foreach (ScanEdge edge in scan.Edges)
        {
            if (scan.Nodes.TryGetValue(edge.Child, out ScanNode? child) && child.IsFolder && child.Names > 1
                && (!kept.ContainsKey(edge.Child) || (child.Parent == edge.Folder && child.NameKey == edge.Key)))
            {
                kept[edge.Child] = edge;
            }
        }
        return kept;
    }

    private void BreakCycles()
    {
        foreach (ulong id in scan.Cycles)
        {
            foreach (ScanEdge edge in scan.Edges.Where(e => e.Child == id).ToList())
            {
                Remove(edge, $"closed a circle of folders at {id}");
            }
        }
    }

    private void AdoptLost()
    {
        if (lostAndFound == 0)
        {
            return;
        }
        foreach ((ulong id, ScanNode node) in scan.Nodes)
        {
            if (node.Names == 0 && id is not (StoreHead.RootFolder or StoreHead.HiddenFolder) && (node.Nlink != 0 || !scan.Orphans.Contains(id)))
            {
                With(lostAndFound, folder => Adopt(folder, id));
            }
        }
    }

    private void Adopt(Inode folder, ulong id) => With(id, inode =>
    {
        string number = id.ToString(CultureInfo.InvariantCulture);
        byte[] name = Encoding.ASCII.GetBytes(number);
        for (int i = 2; FolderNames.TryFind(folder, state.Names, name, out _); i++)
        {
            name = Encoding.ASCII.GetBytes($"{number}-{i}");
        }
        inode.NameKey = FolderNames.Add(folder, state.Names, name, id, FileMode.DirentType(inode.Mode));
        inode.Parent = folder.Id;
        SetOrphan(id, false);
        Changed.Add(folder.Id);
        Note($"inode {id} is lost+found/{Encoding.ASCII.GetString(name)} now", id);
    });

    private void Remove(in ScanEdge edge, string why)
    {
        ulong key = edge.Key;
        With(edge.Folder, folder =>
        {
            if (folder.Map.Remove(key))
            {
                Note($"folder {folder.Id}: an entry went, because it {why}", folder.Id);
            }
        });
    }

    private void Retype(Inode folder, in ScanEdge edge, ScanNode child)
    {
        if (FolderNames.TryNext(folder, edge.Key, out DirectoryEntry entry) && entry.Key == edge.Key)
        {
            FolderNames.Replace(folder, edge.Key, entry.Name.ToArray(), edge.Child, FileMode.DirentType(child.Mode));
            Note($"folder {folder.Id}: an entry got the type of inode {edge.Child}", folder.Id);
        }
    }

    /// <summary>Puts an entry where a look-up finds it; if that name is there already, the inode becomes a lost one.</summary>
    private void Replace(Inode folder, in ScanEdge edge)
    {
        if (!FolderNames.TryNext(folder, edge.Key, out DirectoryEntry entry) || entry.Key != edge.Key)
        {
            return;
        }
        byte[] name = entry.Name.ToArray();
        byte type = entry.Type;
        folder.Map.Remove(edge.Key);
        if (!FolderNames.TryFind(folder, state.Names, name, out _))
        {
            FolderNames.Add(folder, state.Names, name, edge.Child, type);
        }
        Note($"folder {folder.Id}: a misplaced entry was put in its place", folder.Id);
    }
}
