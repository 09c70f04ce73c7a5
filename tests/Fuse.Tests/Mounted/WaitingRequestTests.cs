using System.Diagnostics;
using ClawFS.Fuse;
using ClawFS.Linux;
using ClawFS.Vfs;
using Fuse.Tests.Memory;

namespace Fuse.Tests.Mounted;

/// <summary>Requests that wait, and what the server tells the kernel by itself, on a real mount.</summary>
public sealed class WaitingRequestTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    private static T Take<T>(System.Collections.Concurrent.BlockingCollection<T> from)
    {
        Assert.True(from.TryTake(out T? item, Soon), "Nothing came in time.");
        return item;
    }

    [Fact]
    public void A_thousand_waiting_reads_do_not_keep_others_from_the_mount()
    {
        using ServedMount mount = ServedMount.Start(_ => new WaitingTree());
        WaitingTree tree = (WaitingTree)mount.Tree;
        mount.Must("echo here > \"$M/plain\"; touch \"$M/wait\"");
        using Process readers = mount.StartShell("""
            python3 - "$M/wait" <<'END'
            import os, sys, threading
            fd = os.open(sys.argv[1], os.O_RDWR); got = []
            threading.stack_size(65536)
            all = [threading.Thread(target=lambda: got.append(os.read(fd, 10))) for _ in range(1000)]
            [t.start() for t in all]; [t.join() for t in all]; print(len(got), set(got))
            END
            """);
        ParkedRequest[] reads = [.. Enumerable.Range(0, 1000).Select(_ => Take(tree.Reads))];
        Assert.Equal(1000, mount.Connection.Parked);
        Assert.Equal("plain\nwait\nhere\n2", mount.Must("cd \"$M\"; ls; cat plain; echo 2 > new; cat new"));
        foreach (ParkedRequest read in reads)
        {
            read.CompleteData("answer"u8);
        }

        Assert.Equal("1000 {b'answer'}\n", readers.StandardOutput.ReadToEnd());
        Assert.Equal(0, mount.Connection.Parked);
        Assert.Empty(mount.Bugs);
    }

    [Fact]
    public void A_client_that_gives_up_interrupts_its_read()
    {
        using ServedMount mount = ServedMount.Start(_ => new WaitingTree());
        WaitingTree tree = (WaitingTree)mount.Tree;
        mount.Must("touch \"$M/wait\"");
        Assert.Equal("124", mount.Must("timeout 1 cat 0<>\"$M/wait\" && true; echo $?"));
        Assert.Equal(Take(tree.Reads).Unique, Take(tree.Interrupts));
        Assert.Equal(0, mount.Connection.Parked);
    }

    [Fact]
    public void Poll_is_woken_by_the_server()
    {
        using ServedMount mount = ServedMount.Start(_ => new WaitingTree());
        WaitingTree tree = (WaitingTree)mount.Tree;
        mount.Must("touch \"$M/wait\"");
        using Process poller = mount.StartShell("""
            python3 -c 'import os,select,sys; p=select.poll(); p.register(os.open(sys.argv[1],os.O_RDWR),1); print(p.poll(30000)[0][1])' "$M/wait"
            """);
        ulong handle = Take(tree.Polls);
        tree.Ready = true;
        mount.Connection.Cache.PollWakeup(handle);
        Assert.Equal("1\n", poller.StandardOutput.ReadToEnd());
    }

    [Fact]
    public void Cached_bytes_change_only_after_they_are_invalidated()
    {
        using ServedMount mount = ServedMount.Start(_ => new MemoryTree());
        MemoryTree tree = (MemoryTree)mount.Tree;
        mount.Must("echo old > \"$M/f\"; sync \"$M/f\"; cat \"$M/f\" > /dev/null");
        ulong node = ulong.Parse(mount.Must("stat -c %i \"$M/f\""), System.Globalization.CultureInfo.InvariantCulture);
        tree.Overwrite(node, "new\n"u8);
        Assert.Equal("old", mount.Must("cat \"$M/f\""));
        mount.Connection.Cache.InvalidateInode(node, 0, 0);
        Assert.Equal("new", mount.Must("for i in $(seq 100); do if grep -q new \"$M/f\"; then break; fi; sleep 0.1; done; cat \"$M/f\""));
    }

    [Fact]
    public void A_cached_name_goes_when_it_is_invalidated()
    {
        using ServedMount mount = ServedMount.Start(_ => new MemoryTree());
        MemoryTree tree = (MemoryTree)mount.Tree;
        mount.Must("echo x > \"$M/f\"; stat \"$M/f\" > /dev/null");
        tree.RemoveSilently("f"u8);
        mount.Must("stat \"$M/f\" > /dev/null");
        mount.Connection.Cache.InvalidateEntry(Vfs.RootNode, "f"u8);
        mount.Must("for i in $(seq 100); do if ! stat \"$M/f\" > /dev/null; then exit 0; fi; sleep 0.1; done; exit 1");
        mount.Connection.Cache.InvalidateEntry(Vfs.RootNode, "never heard of"u8);
        mount.Connection.Cache.InvalidateInode(999, -1, 0);
        mount.Must("ls \"$M\"");
        Assert.Empty(mount.Bugs);
    }

    [Fact]
    public void A_second_stat_and_a_second_listing_send_no_request()
    {
        using ServedMount mount = ServedMount.Start(_ => new MemoryTree());
        mount.Must("mkdir \"$M/d\"; echo x > \"$M/d/f\"; sync; stat \"$M/d/f\" > /dev/null");
        long Count() => mount.Connection.Statistics.Snapshot()
            .Where(o => o.Opcode is FuseOpcode.Lookup or FuseOpcode.GetAttr or FuseOpcode.Statx).Sum(o => o.Count);
        long before = Count();
        mount.Must("for i in 1 2 3 4 5; do stat \"$M/d/f\" > /dev/null; done");
        Assert.Equal(before, Count());
    }

    [Fact]
    public void A_request_that_was_taken_and_lost_comes_again_on_demand()
    {
        using ServedMount mount = ServedMount.Start(_ => new WaitingTree());
        WaitingTree tree = (WaitingTree)mount.Tree;
        mount.Must("touch \"$M/wait\"");
        using Process reader = mount.StartShell("dd bs=100 count=1 status=none 0<>\"$M/wait\"");
        ParkedRequest lost = Take(tree.Reads);
        Assert.SkipUnless(mount.Connection.Resend(), "The kernel is older than 6.9: no FUSE_NOTIFY_RESEND.");
        ParkedRequest again = Take(tree.Reads);
        Assert.Equal(lost.Unique | (1UL << 63), again.Unique);
        again.CompleteData("found\n"u8);
        Assert.Equal("found\n", reader.StandardOutput.ReadToEnd());
        lost.Complete(Errno.EIO);
    }

    [Fact]
    public async Task A_successor_serves_without_an_init()
    {
        using ServedMount mount = ServedMount.Start(_ => new MemoryTree());
        byte[] handedOver = (await mount.Connection.Negotiated).ToBytes();
        FuseConnection successor = new(mount.Device, new FuseOptions());
        successor.Start(mount.Tree, FuseSession.FromBytes(handedOver));
        Assert.True(successor.Negotiated.IsCompletedSuccessfully);

        // Both read from the one descriptor, so enough requests reach either.
        mount.Must("cd \"$M\"; for i in $(seq 300); do echo $i > f$i; done; cat f* | wc -l");
        Assert.NotEmpty(successor.Statistics.Snapshot());
        Assert.True(mount.Unmount());
        Assert.True(successor.DrainAndStop(Soon));
    }

    [Fact]
    public void An_aborted_mount_answers_its_clients_and_ends_the_connection()
    {
        using ServedMount mount = ServedMount.Start(_ => new WaitingTree());
        WaitingTree tree = (WaitingTree)mount.Tree;
        mount.Must("touch \"$M/wait\"");
        using Process reader = mount.StartShell("cat 0<>\"$M/wait\"; true");
        ParkedRequest waiting = Take(tree.Reads);
        Assert.Equal(Errno.Ok, FuseMount.Unmount(mount.Folder, UnmountMode.Abort));
        Assert.True(mount.Connection.DrainAndStop(Soon));
        Assert.True(tree.Destroyed);
        Assert.True(waiting.Interrupted);
        Assert.Contains("cat:", reader.StandardOutput.ReadToEnd(), StringComparison.Ordinal);
    }
}
