using ClawFS.Store.Tests.Maps;
using ClawFS.Store.Tests.Ops;

namespace ClawFS.Store.Tests.Commit;

public sealed class ModelTests(ITestOutputHelper output)
{
    private const int Operations = 20_000;

    /// <summary>A small cache makes inodes go out and come back all the time.</summary>
    [Theory]
    [InlineData(50_000)]
    [InlineData(100)]
    public void Random_operations_agree_with_a_model_through_reopens_kills_and_commits(int cachedInodes)
    {
        var random = new Random(Seed.For(output));
        var run = new ModelRun(random);
        using var store = new StoreFixture(cachedInodes: cachedInodes);
        string last = "";
        try
        {
            for (int i = 1; i <= Operations; i++)
            {
                last = run.Step(store);
                if (i % 400 == 0)
                {
                    store.Store.Commit();
                }
                if (i % 1500 == 0)
                {
                    using StoreFixture killed = store.Copy();
                    Compare(run, killed);
                    killed.IsClean();
                }
                if (i % 1000 == 0)
                {
                    store.Reopen();
                    Compare(run, store);
                }
            }
        }
        finally
        {
            output.WriteLine(last);
        }
        Compare(run, store);
        store.IsClean();
        Assert.Empty(store.Reports);
    }

    private static void Compare(ModelRun run, StoreFixture store) =>
        Assert.Equal(run.Root.Dump(), ModelNode.DumpStore(store.User, store.Tree, TreeUser.Root));
}
