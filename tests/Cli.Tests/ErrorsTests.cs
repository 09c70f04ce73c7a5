using ClawFS.Crypto;
using ClawFS.Linux;
using ClawFS.Store;
using ClawOS.Cli;

namespace Cli.Tests;

public sealed class ErrorsTests
{
    [Fact]
    public void Every_exit_code_is_listed_once() =>
        Assert.Equal(ExitCodes.All.Select(code => code.Code).Distinct().Count(), ExitCodes.All.Count);

    [Theory]
    [InlineData(KeyError.WrongKey, ExitCodes.WrongKey)]
    [InlineData(KeyError.Missing, ExitCodes.WrongKey)]
    [InlineData(KeyError.Mistyped, ExitCodes.WrongKey)]
    [InlineData(KeyError.Damaged, ExitCodes.Damaged)]
    [InlineData(KeyError.TooNew, ExitCodes.TooNew)]
    [InlineData(KeyError.Slot, ExitCodes.Failed)]
    public void Key_errors_have_their_codes(KeyError error, int code) =>
        Assert.Equal((code, "why"), Errors.Explain(new KeyException(error, "why")));

    [Theory]
    [InlineData(Errno.EBUSY, ExitCodes.InUse)]
    [InlineData(Errno.EIO, ExitCodes.Damaged)]
    [InlineData(Errno.EOPNOTSUPP, ExitCodes.TooNew)]
    [InlineData(Errno.ENOSPC, ExitCodes.Failed)]
    public void Store_errors_have_their_codes(Errno error, int code) =>
        Assert.Equal((code, "why"), Errors.Explain(new StoreException(error, "why")));

    [Fact]
    public void A_bug_is_not_explained_away() => Assert.Null(Errors.Explain(new InvalidOperationException("bug")));
}
