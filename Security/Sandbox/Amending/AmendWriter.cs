using System.Buffers.Binary;
using System.Text;
using ClawOS.Security.Sandbox.Layout;
using static ClawOS.Security.Sandbox.Layout.AmendLayout;

namespace ClawOS.Security.Sandbox.Amending;

/// <summary>Lays an amendment out in the bytes that claw-exec uses in place (docs/sandbox-plan.md).</summary>
internal static class AmendWriter
{
    internal static byte[] Write(SandboxUser user, TimeSpan limit, IReadOnlyList<AmendItem> items)
    {
        byte[][] paths = [.. items.Select(item => Encoding.UTF8.GetBytes(item.Wish.Path))];
        int texts = HeaderSize + (items.Count * ItemSize);
        byte[] bytes = new byte[texts + paths.Sum(path => path.Length + 1) + 1];
        Put(bytes, PlanLayout.MagicAt, Magic);
        Put(bytes, PlanLayout.VersionAt, AmendLayout.Version);
        Put(bytes, PlanLayout.SizeAt, (uint)bytes.Length);
        Put(bytes, InsideUidAt, user.Uid);
        Put(bytes, InsideGidAt, user.Gid);
        Put(bytes, MillisecondsAt, (uint)limit.TotalMilliseconds);
        Put(bytes, ItemsAt, HeaderSize);
        Put(bytes, ItemsAt + 4, (uint)items.Count);
        for (int i = 0; i < items.Count; i++)
        {
            AmendItem item = items[i];
            int at = HeaderSize + (i * ItemSize);
            Put(bytes, at + KindAt, (uint)item.Kind);
            Put(bytes, at + PathAt, (uint)texts);
            Put(bytes, at + SetAt, (uint)item.Set);
            Put(bytes, at + ClearAt, (uint)item.Clear);
            Put(bytes, at + FlagsAt, (item.IsRecursive ? Recursive : 0) | (item.IsMountAlone ? MountAlone : 0) | (item.Wish.IsTree ? 0 : NotFolder));
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(at + MountIdAt), item.MountId);
            paths[i].CopyTo(bytes, texts);
            texts += paths[i].Length + 1;
        }

        return bytes;
    }

    private static void Put(byte[] bytes, int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at), value);
}
