using ClawOS.Security.GuardLink;

namespace Guard.Tests;

public sealed class PolicyFilesTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(200)]
    public void Policies_of_any_number_arrive_whole(int count)
    {
        (string, string)[] files = [.. Enumerable.Range(0, count).Select(number => ($"p{number}.toml", new string('ö', 1000 * (number % 7))))];
        PolicyFiles sent = new(5, PolicyMode.Enforce, files);
        PolicyFiles.Joiner joiner = new();
        PolicyFiles? got = null;
        foreach (PoliciesFrame frame in sent.ToFrames())
        {
            Assert.Null(got);
            got = joiner.Add((PoliciesFrame)GuardWire.Read(GuardWire.Write(frame)));
        }

        Assert.NotNull(got);
        Assert.Equal((sent.Version, sent.Mode), (got.Version, got.Mode));
        Assert.Equal(files, got.Files);
    }

    [Fact]
    public void A_new_version_takes_the_place_of_one_that_never_was_complete()
    {
        IReadOnlyList<PoliciesFrame> first = Large(1), second = Large(2);
        Assert.True(first.Count > 1);
        PolicyFiles.Joiner joiner = new();
        Assert.Null(joiner.Add(first[0]));
        PolicyFiles? got = null;
        foreach (PoliciesFrame frame in second)
        {
            got = joiner.Add(frame);
        }

        Assert.Equal(2ul, got!.Version);
    }

    [Fact]
    public void Pieces_of_two_versions_are_never_joined()
    {
        PolicyFiles.Joiner joiner = new();
        Assert.Null(joiner.Add(Large(1)[0]));
        Assert.Throws<InvalidDataException>(() => joiner.Add(Large(2)[1]));
    }

    [Fact]
    public void A_piece_left_out_is_noticed() => Assert.Throws<InvalidDataException>(() => new PolicyFiles.Joiner().Add(Large(1)[1]));

    [Fact]
    public void Bytes_that_are_no_policies_are_refused() =>
        Assert.Throws<InvalidDataException>(() => new PolicyFiles.Joiner().Add(new PoliciesFrame(1, PolicyMode.Enforce, 0, 1, new byte[] { 255, 255, 255, 255, 1 })));

    private static IReadOnlyList<PoliciesFrame> Large(ulong version) => new PolicyFiles(version, PolicyMode.Enforce, [("a.toml", new string('a', 150_000))]).ToFrames();
}
