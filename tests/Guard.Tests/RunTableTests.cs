using ClawOS.Security.Guard;

namespace Guard.Tests;

public sealed class RunTableTests
{
    [Fact]
    public void Programs_in_sandboxes_leave_the_owner_some_places()
    {
        RunTable runs = new();
        for (int i = 0; i < RunTable.MostOfViews; i++)
        {
            Assert.NotNull(runs.TryEnter(isOwners: false));
        }

        Assert.Null(runs.TryEnter(isOwners: false));
        for (int i = RunTable.MostOfViews; i < RunTable.Most; i++)
        {
            Assert.NotNull(runs.TryEnter(isOwners: true));
        }

        Assert.Null(runs.TryEnter(isOwners: true));
        runs.Leave(isOwners: false);
        Assert.NotNull(runs.TryEnter(isOwners: false));
        Assert.Null(runs.TryEnter(isOwners: false));
    }
}
