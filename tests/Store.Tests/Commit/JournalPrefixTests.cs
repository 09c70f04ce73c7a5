using ClawFS.Store.Tests.Maps;
using ClawFS.Store.Tests.Ops;

namespace ClawFS.Store.Tests.Commit;

public sealed class JournalPrefixTests(ITestOutputHelper output)
{
    private const int Operations = 60;

    [Fact]
    public void A_journal_cut_anywhere_opens_as_exactly_a_prefix_of_what_was_answered()
    {
        var random = new Random(Seed.For(output));
        var run = new ModelRun(random);
        using var store = new StoreFixture();
        for (int i = 0; i < 200; i++)
        {
            run.Step(store);
        }
        store.Store.Commit();
        using Lock.Scope pause = store.Store.Checkpoints.Pause();
        var ends = new List<long> { store.Store.Statistics.JournalBytes };
        var states = new List<string> { run.Root.Dump() };
        for (int i = 0; i < Operations; i++)
        {
            run.Step(store);
            ends.Add(store.Store.Statistics.JournalBytes);
            states.Add(run.Root.Dump());
        }
        for (int i = 0; i < ends.Count; i++)
        {
            Assert.Equal(states[i], OpenCut(store, ends[i]));
            if (i + 1 < ends.Count && ends[i + 1] > ends[i])
            {
                // An operation may be several records: the end of an unlinked inode shows nothing, a punched range with two ragged ends shows states between.
                long inside = ends[i] + 1 + random.NextInt64(ends[i + 1] - ends[i] - 1);
                string cut = OpenCut(store, inside);
                Assert.True(cut == states[i] || cut == states[i + 1] || ends[i + 1] - ends[i] > 250, $"cut at {inside} between {ends[i]} and {ends[i + 1]}");
            }
        }
    }

    private static string OpenCut(StoreFixture store, long length)
    {
        using StoreFixture copy = store.Copy(open: false);
        File.Delete(copy.File("log", "spare"));
        // The file before it is what the last checkpoint has brought into the rows.
        string journal = Directory.GetFiles(copy.File("log")).Max(StringComparer.Ordinal)!;
        using (FileStream file = File.OpenWrite(journal))
        {
            file.SetLength(length);
        }
        copy.OpenNow();
        copy.IsClean();
        return ModelNode.DumpStore(copy.User, copy.Tree, TreeUser.Root);
    }
}
