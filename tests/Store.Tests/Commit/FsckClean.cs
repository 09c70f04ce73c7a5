using ClawFS.Store.Tests.Ops;

namespace ClawFS.Store.Tests.Commit;

/// <summary>What every test of this folder may ask at its end.</summary>
internal static class FsckClean
{
    public static FsckReport Check(this StoreFixture store, bool repair = false, bool paths = false, bool data = true) =>
        Fsck.Run(store.Store, new FsckOptions { Repair = repair, Paths = paths, CheckData = data }, TestContext.Current.CancellationToken);

    public static void IsClean(this StoreFixture store)
    {
        FsckReport report = store.Check();
        Assert.Empty(report.Problems);
        Assert.True(report.Clean);
        Assert.Equal(report.Blocks, report.BlocksChecked);
    }
}
