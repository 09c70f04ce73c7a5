using System.Globalization;
using System.Text;
using ClawOS.Security.GuardLink;

namespace Guard.Tests;

public sealed class GuardWireTests
{
    private const string View = "0123456789abcdef0123456789abcdef";
    private static readonly DateTimeOffset Then = DateTimeOffset.FromUnixTimeMilliseconds(1_790_000_000_123);

    private static readonly GuardFrame[] Frames =
    [
        new HelloFrame(4711),
        new PoliciesFrame(7, PolicyMode.Audit, 1, 3, "piece"u8.ToArray()),
        new ViewOpenedFrame(9, 17),
        new DecisionFrame("a-1", true, 1000),
        new DecisionFrame("a-1", false, 0),
        new AppliedFrame(ulong.MaxValue, "coder: memory 64 MiB\nzwölf"),
        new OpenViewFrame(1, View, true, [new ViewGrant("memory/a b", GrantAccess.Read | GrantAccess.Write, true), new ViewGrant("memory/x", GrantAccess.Read, false)]),
        new OpenViewFrame(2, View, false, []),
        new CloseViewFrame(View),
        new ApprovalFrame("a-1", Then, Then.AddMinutes(5), "card"),
        new ApprovalGoneFrame("a-1", ApprovalOutcome.Changed),
        new RunsFrame(""),
    ];

    public static TheoryData<int> All => [.. Enumerable.Range(0, Frames.Length)];

    [Theory]
    [MemberData(nameof(All))]
    public void A_frame_is_read_as_it_was_written(int index) =>
        Assert.Equal(Shown(Frames[index]), Shown(GuardWire.Read(GuardWire.Write(Frames[index]))));

    [Theory]
    [MemberData(nameof(All))]
    public void A_frame_cut_short_is_refused(int index)
    {
        byte[] bytes = GuardWire.Write(Frames[index]);
        for (int length = 0; length < bytes.Length; length++)
        {
            // A piece of policies has no length of its own: the message is its border.
            if (Frames[index] is PoliciesFrame && length >= bytes.Length - "piece".Length)
            {
                break;
            }

            Assert.Throws<InvalidDataException>(() => GuardWire.Read(bytes.AsSpan(0, length)));
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void What_follows_a_frame_is_refused(int index)
    {
        if (Frames[index] is not PoliciesFrame)
        {
            Assert.Throws<InvalidDataException>(() => GuardWire.Read([.. GuardWire.Write(Frames[index]), 0]));
        }
    }

    [Theory]
    [InlineData("../etc")]
    [InlineData("/etc")]
    [InlineData("memory//a")]
    [InlineData("memory/./a")]
    [InlineData("memory/")]
    [InlineData("a\0b")]
    [InlineData("")]
    public void A_path_that_leads_elsewhere_is_no_grant(string path) =>
        Assert.Throws<InvalidDataException>(() => GuardWire.Read(GuardWire.Write(new OpenViewFrame(1, View, false, [new ViewGrant(path, GrantAccess.Read, true)]))));

    [Theory]
    [InlineData("0123456789ABCDEF0123456789abcdef")]
    [InlineData("../456789abcdef0123456789abcdef..")]
    [InlineData("")]
    public void A_view_has_a_name_of_hexadecimal_digits(string id) =>
        Assert.ThrowsAny<Exception>(() => GuardWire.Read(GuardWire.Write(new CloseViewFrame(id))));

    [Theory]
    [InlineData("../x")]
    [InlineData("A")]
    [InlineData("")]
    [InlineData("a b")]
    public void An_approval_has_a_plain_name(string id) =>
        Assert.Throws<InvalidDataException>(() => GuardWire.Read(GuardWire.Write(new DecisionFrame(id, true, 0))));

    [Fact]
    public void Access_to_nothing_and_unknown_access_are_refused()
    {
        byte[] bytes = GuardWire.Write(new OpenViewFrame(1, View, false, [new ViewGrant("a", GrantAccess.Read, true)]));
        int at = 1 + 4 + 2 + GuardLimits.ViewIdLength + 1 + 2;
        Assert.Equal((byte)GrantAccess.Read, bytes[at]);
        foreach (byte wrong in (byte[])[0, 8, 255])
        {
            bytes[at] = wrong;
            Assert.Throws<InvalidDataException>(() => GuardWire.Read(bytes));
        }
    }

    [Fact]
    public void Another_version_is_refused()
    {
        byte[] bytes = GuardWire.Write(new HelloFrame(1));
        bytes[1]++;
        Assert.Contains("version", Assert.Throws<InvalidDataException>(() => GuardWire.Read(bytes)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_text_for_people_is_cut_and_says_so()
    {
        AppliedFrame read = (AppliedFrame)GuardWire.Read(GuardWire.Write(new AppliedFrame(1, new string('ü', 100_000))));
        Assert.EndsWith("...\n", read.Text, StringComparison.Ordinal);
        Assert.True(Encoding.UTF8.GetByteCount(read.Text) <= GuardLimits.MaxText);
    }

    [Fact]
    public void Random_bytes_are_a_frame_or_refused()
    {
        int seed = Environment.TickCount;
        Random random = new(seed);
        for (int round = 0; round < 20_000; round++)
        {
            byte[] bytes = new byte[random.Next(200)];
            random.NextBytes(bytes);
            if (bytes.Length > 0)
            {
                bytes[0] = (byte)((bytes[0] & 0x80) | (bytes[0] & 0x07));
            }

            try
            {
                GuardFrame frame = GuardWire.Read(bytes);
                Assert.Equal(Shown(frame), Shown(GuardWire.Read(GuardWire.Write(frame))));
            }
            catch (InvalidDataException)
            {
                // Refused, as it should be.
            }
            catch (Exception other) when (other is not Xunit.Sdk.XunitException)
            {
                Assert.Fail(string.Create(CultureInfo.InvariantCulture, $"seed {seed}, round {round}: {other}"));
            }
        }
    }

    private static string Shown(GuardFrame frame) => frame switch
    {
        PoliciesFrame policies => $"{policies with { Bytes = default }} {Convert.ToHexString(policies.Bytes.Span)}",
        OpenViewFrame view => $"{view with { Grants = [] }} {string.Join(';', view.Grants)}",
        _ => frame.ToString(),
    };
}
