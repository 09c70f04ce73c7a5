using ClawFS.Fuse;
using Fuse.Tests.Dispatch;
using static Fuse.Tests.Dispatch.RequestBytes;

namespace Fuse.Tests.Fuzz;

public sealed class DispatchFuzzTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(Environment.GetEnvironmentVariable("CLAW_FUZZ_LONG") == "1" ? 30 : 2);

    /// <summary>Valid and spoiled requests, interrupts, forgets and vanished clients, in any order.</summary>
    [Fact]
    public async Task Every_request_gets_one_answer_and_every_reference_comes_back()
    {
        int seed = FuzzSettings.Seed();
        await Task.Run(() => RunModel(seed, FuzzSettings.Requests(150_000)), TestContext.Current.CancellationToken)
            .WaitAsync(Limit, TestContext.Current.CancellationToken);
    }

    private static void RunModel(int seed, int count)
    {
        Random random = new(seed);
        RequestGenerator generator = new(random);
        KernelModel kernel = new(random);
        FuzzTree tree = new();
        using Harness harness = new(tree, kernel);
        for (int i = 1; i <= count; i++)
        {
            byte[] request = generator.Next((ulong)i * 2);
            if (random.Next(2) == 0)
            {
                request = generator.Spoil(request);
            }

            kernel.Asks(request);
            harness.Dispatch(request);
            if (random.Next(20) == 0)
            {
                tree.CompleteSome(keep: 20);
                ForgetSome(harness, kernel, random, all: false);
                generator.Known = [1, .. kernel.References.Keys];
            }
        }

        tree.CompleteSome(keep: 0);
        ForgetSome(harness, kernel, random, all: true);
        Assert.True(harness.Bugs.Count == 0, $"seed {seed}: {harness.Bugs.FirstOrDefault()}");
        Assert.True(kernel.Surprises.Count == 0, $"seed {seed}: {kernel.Surprises.FirstOrDefault()}");
        Assert.True(kernel.Unanswered == 0, $"seed {seed}: no answer to {kernel.Open}");
        Assert.True(tree.Lookups == 0, $"seed {seed}: left over {string.Join(' ', tree.Counted())}");
        AssertReached(harness.Statistics.Snapshot());
    }

    /// <summary>A fuzzer that only meets refusals proves nothing: everything that can work has worked.</summary>
    private static void AssertReached(IReadOnlyList<FuseOperation> done)
    {
        IEnumerable<FuseOpcode> worked = done.Where(o => o.Count > o.Errors).Select(o => o.Opcode);
        FuseOpcode[] refused = [FuseOpcode.None, FuseOpcode.Init, FuseOpcode.Destroy, FuseOpcode.Access, FuseOpcode.Bmap, FuseOpcode.Ioctl,
            FuseOpcode.GetLock, FuseOpcode.SetLock, FuseOpcode.SetLockWait, FuseOpcode.NotifyReply];
        Assert.Empty(Enum.GetValues<FuseOpcode>().Except(refused).Except(worked));
    }

    private static void ForgetSome(Harness harness, KernelModel kernel, Random random, bool all)
    {
        foreach ((ulong node, ulong count) in kernel.References.ToArray())
        {
            if (all || random.Next(10) == 0)
            {
                harness.Dispatch(random.Next(2) == 0
                    ? Make(FuseOpcode.Forget, 0, node, count)
                    : Make(FuseOpcode.BatchForget, 0, 0, 1u, 0u, node, count));
                kernel.References.Remove(node);
            }
        }
    }

    /// <summary>No rules at all: noise, spoiled forgets, repeated numbers, a second end.</summary>
    [Fact]
    public async Task Noise_never_brings_the_dispatcher_down()
    {
        int seed = FuzzSettings.Seed();
        await Task.Run(() => RunNoise(seed, FuzzSettings.Requests(60_000)), TestContext.Current.CancellationToken)
            .WaitAsync(Limit, TestContext.Current.CancellationToken);
    }

    private static void RunNoise(int seed, int count)
    {
        Random random = new(seed);
        RequestGenerator generator = new(random);
        FuzzTree tree = new();
        using Harness harness = new(tree);
        for (int i = 0; i < count; i++)
        {
            byte[] request = generator.Next((ulong)random.Next(1000));
            request = random.Next(4) switch
            {
                0 => generator.Noise(random.Next(300)),
                1 => generator.Spoil(request),
                2 when request.Length > 8 => With(request, (byte)random.Next(256)),
                _ => request,
            };
            harness.Dispatch(request);
            harness.Sink.Replies.Clear();
            tree.CompleteSome(keep: 50);
        }

        harness.Parking.Close(ClawFS.Linux.Errno.ENODEV, (bug, _) => throw bug);
        tree.CompleteSome(keep: 0);
        Assert.True(harness.Bugs.Count == 0, $"seed {seed}: {harness.Bugs.FirstOrDefault()}");
        foreach ((ulong node, ulong lookups) in tree.Counted())
        {
            harness.Dispatch(Make(FuseOpcode.Forget, 0, node, lookups));
        }

        Assert.Equal(0UL, tree.Lookups);
    }

    private static byte[] With(byte[] request, byte opcode)
    {
        request[4] = opcode;
        return request;
    }

    [Fact]
    public async Task Several_threads_at_once_keep_the_counts_exact()
    {
        int seed = FuzzSettings.Seed();
        FuzzTree tree = new();
        Task[] threads = [.. Enumerable.Range(0, 4).Select(t => Task.Run(
            () => RunThread(tree, seed + t, t, FuzzSettings.Requests(15_000)), TestContext.Current.CancellationToken))];
        await Task.WhenAll(threads).WaitAsync(Limit, TestContext.Current.CancellationToken);
        Assert.True(tree.Lookups == 0, $"seed {seed}: left over {string.Join(' ', tree.Counted())}");
    }

    private static void RunThread(FuzzTree tree, int seed, int thread, int count)
    {
        Random random = new(seed);
        RequestGenerator generator = new(random);
        KernelModel kernel = new(random);
        using Harness harness = new(tree, kernel);
        for (int i = 1; i <= count; i++)
        {
            byte[] request = generator.Next((ulong)((i * 8) + (thread * 2)));
            kernel.Asks(request);
            harness.Dispatch(request);
            tree.CompleteSome(keep: 20);
        }

        tree.CompleteSome(keep: 0);
        ForgetSome(harness, kernel, random, all: true);
        Assert.True(harness.Bugs.Count == 0, $"seed {seed}: {harness.Bugs.FirstOrDefault()}");
        Assert.True(kernel.Surprises.Count == 0, $"seed {seed}: {kernel.Surprises.FirstOrDefault()}");
    }
}
