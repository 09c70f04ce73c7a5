using System.Buffers.Binary;
using System.Text;
using static ClawOS.Security.Sandbox.Layout.PlanLayout;

namespace ClawOS.Security.Sandbox;

/// <summary>Lays a plan out in the bytes that claw-exec uses in place (docs/sandbox-plan.md).</summary>
internal sealed class PlanWriter
{
    private readonly List<byte> bytes = [.. new byte[HeaderSize]];
    private readonly Dictionary<string, uint> texts = [];

    /// <summary>The bytes of a plan.</summary>
    /// <exception cref="ArgumentException">A text has a zero byte in it, or the whole is larger than a plan can be.</exception>
    internal static byte[] Write(SandboxPlan plan)
    {
        PlanWriter writer = new();
        writer.WriteAll(plan);
        return writer.bytes.Count <= MaxSize ? [.. writer.bytes] : throw new ArgumentException($"the plan has {writer.bytes.Count} bytes; {MaxSize} are the most", nameof(plan));
    }

    private void WriteAll(SandboxPlan plan)
    {
        Header(MagicAt, Magic);
        Header(VersionAt, Layout.PlanLayout.Version);
        Header(FlagsAt, (plan.NewSession ? NewSession : 0) | (plan.IsInteractive ? Interactive : 0) | (plan.Loopback ? Loopback : 0) | (plan.IsSupervised ? Supervised : 0));
        Header(InsideUidAt, plan.User.Uid);
        Header(OutsideUidAt, plan.User.OutsideUid);
        Header(InsideGidAt, plan.User.Gid);
        Header(OutsideGidAt, plan.User.OutsideGid);
        Header(MillisecondsAt, plan.WallTime is { } time ? checked((uint)Math.Max(1, Math.Ceiling(time.TotalMilliseconds))) : 0);
        Header(StageAt, Text(plan.Stage));
        Header(HostNameAt, Text(plan.HostName));
        Header(FolderAt, Text(plan.Folder));
        Header(TransitionAt, plan.AppArmorProfile is { } profile ? Text($"exec {profile}") : 0);
        if (plan.Landlock is { } landlock)
        {
            Header(LandlockVersionAt, (uint)landlock.Version);
            HeaderWide(HandledFilesAt, (ulong)landlock.HandledFiles);
            HeaderWide(HandledNetAt, landlock.HandledNet);
            HeaderWide(ScopesAt, landlock.Scopes);
        }

        Table(MountsAt, MountSize, plan.View, (item, entry) =>
        {
            Put(entry[MountKindAt..], (uint)item.Kind);
            Put(entry[MountSourceAt..], Text(item.Source));
            Put(entry[MountTargetAt..], Text(item.Target));
            Put(entry[MountAttributesAt..], (uint)item.Restrictions);
            Put(entry[MountModeAt..], item.Mode);
            Put(entry[MountOptionAt..], Text(item.Option));
        });
        Texts(ProgramsAt, plan.Programs);
        Texts(ArgumentsAt, plan.Arguments);
        Texts(EnvironmentAt, [.. plan.Environment.Select(pair => $"{pair.Key}={pair.Value}")]);
        Table(PathRulesAt, PathRuleSize, plan.Landlock?.Paths ?? [], (rule, entry) =>
        {
            PutWide(entry, (ulong)rule.Rights);
            Put(entry[8..], Text(rule.Path));
        });
        Table(FiltersAt, FilterSize, plan.Filters, (filter, entry) =>
        {
            Align();
            Put(entry, (uint)bytes.Count);
            Put(entry[4..], (uint)filter.Length / 8);
            bytes.AddRange(filter.Span);
        });
        Table(LimitsAt, LimitSize, plan.Limits, (limit, entry) =>
        {
            Put(entry, (uint)limit.Kind);
            PutWide(entry[8..], limit.Soft);
            PutWide(entry[16..], limit.Hard);
        });
        uint descriptor = FirstCgroupDescriptor;
        bool[] isFolder = [.. plan.Cgroups.Select(static _ => false), .. plan.CgroupFolder is null ? (bool[])[] : [true]];
        Table(CgroupsAt, ReferenceSize, isFolder, (folder, entry) => Put(entry, descriptor++ | (folder ? CgroupFolder : 0)));
        bytes.Add(0);
        Header(SizeAt, (uint)bytes.Count);
    }

    private void Texts(int at, IReadOnlyList<string> list) => Table(at, ReferenceSize, list, (text, entry) => Put(entry, Text(text)));

    /// <summary>Entries are built apart, because writing one may add texts behind the table.</summary>
    private void Table<T>(int at, int size, IReadOnlyList<T> list, EntryWriter<T> write)
    {
        Align();
        int start = bytes.Count;
        bytes.AddRange(new byte[size * list.Count]);
        Header(at, (uint)start);
        Header(at + 4, (uint)list.Count);
        Span<byte> entry = stackalloc byte[size];
        for (int i = 0; i < list.Count; i++)
        {
            entry.Clear();
            write(list[i], entry);
            for (int k = 0; k < size; k++)
            {
                bytes[start + (i * size) + k] = entry[k];
            }
        }
    }

    /// <summary>The offset of a text, which stands once however often it is used.</summary>
    private uint Text(string text)
    {
        if (texts.TryGetValue(text, out uint known))
        {
            return known;
        }

        if (text.Contains('\0', StringComparison.Ordinal))
        {
            throw new ArgumentException($"a text of the plan has a zero byte: {text.Replace('\0', '?')}", nameof(text));
        }

        uint offset = (uint)bytes.Count;
        bytes.AddRange(Encoding.UTF8.GetBytes(text));
        bytes.Add(0);
        texts[text] = offset;
        return offset;
    }

    private void Align()
    {
        while (bytes.Count % 8 != 0)
        {
            bytes.Add(0);
        }
    }

    private void Header(int at, uint value)
    {
        for (int i = 0; i < 4; i++)
        {
            bytes[at + i] = (byte)(value >> (8 * i));
        }
    }

    private void HeaderWide(int at, ulong value)
    {
        Header(at, (uint)value);
        Header(at + 4, (uint)(value >> 32));
    }

    private static void Put(Span<byte> at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(at, value);

    private static void PutWide(Span<byte> at, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(at, value);

    private delegate void EntryWriter<in T>(T item, Span<byte> entry);
}
