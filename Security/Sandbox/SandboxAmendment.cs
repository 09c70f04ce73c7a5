using System.Buffers.Binary;
using System.Diagnostics;
using ClawFS.Linux;
using ClawOS.Security.Policy;
using ClawOS.Security.Sandbox.Amending;
using ClawOS.Security.Sandbox.Layout;

namespace ClawOS.Security.Sandbox;

/// <summary>
/// Changes of policy for one sandbox that runs: what its launch gave and the new policy does not is covered or restricted in its view, and given back when a later policy
/// allows it again. Remembers what it did, so one object lives as long as the sandbox. Not for several threads.
/// </summary>
/// <remarks>
/// Open and mapped files stay what they are: a view is asked when a path is opened. Who stands in a folder that is covered reads on in there; where it is a mount of its own,
/// nothing in it is written or executed any more. The launch's Landlock rules and seccomp filter stay;
/// what would be wider than they are waits for the next launch. A policy that adds unshare or setns to its system calls lets a command keep a mount namespace of its own,
/// which no amendment reaches; no shipped profile does.
/// </remarks>
/// <param name="launched">The policy that the sandbox was launched with.</param>
/// <param name="profiled">Whether it was launched with an AppArmor profile; whoever amends it has that changed first.</param>
public sealed class SandboxAmendment(EffectivePolicy launched, bool profiled = false)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1);
    private readonly Dictionary<string, AmendedPlace> places = new(StringComparer.Ordinal);

    /// <summary>How long one change may take. A file system that does not answer costs no more than this.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Makes a policy hold in the sandbox, as far as that can be done while it runs. Doing it twice does nothing the second time.</summary>
    /// <param name="launcher">Path of claw-exec; or a program that becomes it, and its arguments.</param>
    /// <param name="run">The sandbox.</param>
    /// <param name="wanted">The policy that shall hold now.</param>
    /// <exception cref="SandboxRefusedException">The sandbox has ended, or cannot be entered: nothing was changed.</exception>
    /// <exception cref="LinuxException">claw-exec cannot be started.</exception>
    public AmendmentResult Apply(IReadOnlyList<string> launcher, SandboxRun run, EffectivePolicy wanted)
    {
        ArgumentNullException.ThrowIfNull(launcher);
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(wanted);
        ViewWishes wishes = new(launched, wanted, profiled, places.Select(place => KeyValuePair.Create(place.Key, place.Value.IsTree)), run.Approved);
        LayerChange layers = new(launched, wanted);
        AmendItems steps = new(wishes.Paths, places);
        List<string> notes = [.. wishes.Notes, .. steps.Notes, .. steps.Kept, .. layers.Notes];
        List<string> kept = [.. wishes.Kept, .. steps.Kept, .. layers.Kept];
        List<AmendedPath> paths = [];
        foreach (AmendItem[] items in steps.Items.Chunk(AmendLayout.MaxItems))
        {
            byte[] outcomes = Run(launcher, run, items);
            for (int i = 0; i < items.Length; i++)
            {
                ReadOnlySpan<byte> outcome = outcomes.AsSpan(i * AmendLayout.OutcomeSize, AmendLayout.OutcomeSize);
                Take(items[i], (Errno)BinaryPrimitives.ReadInt32LittleEndian(outcome), BinaryPrimitives.ReadUInt64LittleEndian(outcome[8..]), paths, notes, kept);
                if (BinaryPrimitives.ReadUInt32LittleEndian(outcome[4..]) == AmendLayout.LaidOver)
                {
                    notes.Add($"{items[i].Wish.Path}: a file there stays open for writing: who has it open, or stands in the folder, goes on as launched; whoever comes by the path is restricted");
                    kept.Add(notes[^1]);
                }
            }
        }

        return new AmendmentResult(paths, notes) { Kept = kept };
    }

    private byte[] Run(IReadOnlyList<string> launcher, SandboxRun run, AmendItem[] items)
    {
        byte[] plan = AmendWriter.Write(run.User, Limit, items);
        for (Stopwatch time = Stopwatch.StartNew(); ; Thread.Sleep(Pause))
        {
            using SandboxNamespaces? namespaces = SandboxNamespaces.TryOpen(run.LauncherId);
            bool isStarting = namespaces is null && !run.HasEnded;
            if (!isStarting)
            {
                byte[] told = Start(launcher, namespaces ?? throw new SandboxRefusedException("the sandbox has ended"), plan, items.Length);
                SandboxResult result = SandboxResult.Read(told.AsSpan(0, Math.Min(told.Length, PlanLayout.ResultSize)));
                if (told.Length == PlanLayout.ResultSize + (items.Length * AmendLayout.OutcomeSize) && (result.Reason == SandboxEnd.Exited || result is { Step: LaunchStep.Amend }))
                {
                    return told[PlanLayout.ResultSize..];
                }

                if (result is not { Step: LaunchStep.JoinSandbox, Error: Errno.EAGAIN })
                {
                    throw new SandboxRefusedException($"claw-exec could not amend the sandbox: {result}");
                }
            }

            if (time.Elapsed > Limit)
            {
                throw new SandboxRefusedException("the sandbox is still being launched");
            }
        }
    }

    private static byte[] Start(IReadOnlyList<string> launcher, SandboxNamespaces namespaces, byte[] plan, int items)
    {
        using Pipe result = Pipe.Create();
        using Pipe input = Pipe.Create();
        SpawnPlan spawn = new() { Program = launcher[0], Arguments = [.. launcher.Skip(1)] };
        spawn.Environment.Clear();
        spawn.Descriptors.Add((input.Reader, PlanLayout.PlanDescriptor));
        spawn.Descriptors.Add((result.Writer, PlanLayout.ResultDescriptor));
        spawn.Descriptors.Add((namespaces.Users, AmendLayout.UserNamespaceDescriptor));
        spawn.Descriptors.Add((namespaces.Mounts, AmendLayout.MountNamespaceDescriptor));
        ChildProcess process = ChildProcess.Start(spawn);
        result.Writer.Dispose();
        input.Reader.Dispose();
        try
        {
            Pipe.Write(input.Writer, plan);
        }
        catch (LinuxException error) when (error.Error == Errno.EPIPE)
        {
            // It has ended before it read all; its record or the absence of it tells.
        }

        byte[] told = new byte[PlanLayout.ResultSize + (items * AmendLayout.OutcomeSize)];
        int length = Pipe.ReadToEnd(result.Reader, told);
        process.WaitForExit();
        return told[..length];
    }

    /// <summary>Remembers what was done.</summary>
    private void Take(AmendItem item, Errno error, ulong mountId, List<AmendedPath> paths, List<string> notes, List<string> kept)
    {
        PathWish wish = item.Wish;
        if (item.IsMountAlone && error != Errno.Ok)
        {
            if (error == Errno.EBUSY)
            {
                kept.Add($"{wish.Path}: a file there stays open for writing: who has it open, or stands in the folder, goes on as launched; whoever comes by the path finds nothing");
                notes.Add(kept[^1]);
            }

            return; // No mount of its own, or not there: the cover is what there is.
        }

        if (error == Errno.EISDIR && !wish.IsTree)
        {
            notes.Add($"{wish.Path}: is a folder, and the policy is about it alone; grant or deny the tree");
            kept.AddRange(item.IsNarrowing ? [notes[^1]] : []);
            return;
        }

        if (error == Errno.ENOENT)
        {
            notes.Add($"{wish.Path}: is not there; should it appear, it is as its folder is until the next launch");
            return;
        }

        if (error == Errno.ESTALE)
        {
            notes.Add($"{wish.Path}: another mount is there by now; it gets wider only at the next launch");
            return;
        }

        if (item.Kind == AmendKind.Part)
        {
            if (error != Errno.Ok)
            {
                notes.Add(wish.IsPinned
                    ? $"{wish.Path}: could not be made a mount point ({error}); until the next launch it can be renamed, and something else be made under names that are denied below it"
                    : $"{wish.Path}: could not be kept apart ({error}); it is as narrow as the folder around it until the next launch");
                kept.AddRange(wish.IsPinned ? [notes[^1]] : []);
            }
            else if (wish.IsPinned)
            {
                PlaceOf(wish).IsPinned = true;
            }

            return;
        }

        PathChange change = item.Kind switch { AmendKind.Cover => PathChange.Covered, AmendKind.Uncover => PathChange.Uncovered, _ => PathChange.Restricted };
        if (!item.IsMountAlone)
        {
            paths.Add(new AmendedPath(wish.Path, change, wish.Restrictions, error));
        }

        if (error != Errno.Ok)
        {
            kept.AddRange(item.IsNarrowing ? [$"{wish.Path}: could not be {(change == PathChange.Covered ? "covered" : $"restricted: {wish.Restrictions}")} ({error})"] : []);
            return;
        }

        AmendedPlace place = PlaceOf(wish);
        switch (change)
        {
            case PathChange.Restricted:
                place.MountId = mountId;
                place.Restrictions = (place.Restrictions | item.Set) & ~item.Clear;
                break;
            default:
                place.CoverId = mountId; // 0 when it is gone.
                break;
        }
    }

    private AmendedPlace PlaceOf(PathWish wish)
    {
        if (!places.TryGetValue(wish.Path, out AmendedPlace? place))
        {
            places[wish.Path] = place = new AmendedPlace { IsTree = wish.IsTree };
        }

        place.IsTree |= wish.IsTree;
        return place;
    }
}
