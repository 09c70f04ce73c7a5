namespace ClawOS.Security.Cgroups.Tests;

public sealed class NameTests
{
    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("../escape")]
    [InlineData("cpu.max")]
    [InlineData("tasks")]
    [InlineData("-a")]
    [InlineData("a b")]
    [InlineData("a\0b")]
    [InlineData("a\n")]
    [InlineData("\u00e9")]
    public void A_name_that_could_leave_the_folder_or_be_a_file_of_the_kernel_is_refused(string name) =>
        Assert.Throws<ArgumentException>(() => CgroupHost.Detect().Create(name, Quota.None));

    [Fact]
    public void A_name_of_65_characters_is_refused() =>
        Assert.Throws<ArgumentException>(() => CgroupHost.Detect().Create(new string('a', CgroupHost.MaxName + 1), Quota.None));
}
