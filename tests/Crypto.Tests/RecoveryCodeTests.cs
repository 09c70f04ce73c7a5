namespace ClawFS.Crypto.Tests;

public sealed class RecoveryCodeTests
{
    private const string Known = "000G4-0R40M-30E20-9185G-R38E1-W8124-GKWYQ";

    [Fact]
    public void The_code_of_the_format_document_holds()
    {
        byte[] secret = [.. Enumerable.Range(0, RecoveryCode.SecretSize).Select(i => (byte)i)];

        Assert.Equal(Known, RecoveryCode.Format(secret));
        using Credential credential = RecoveryCode.Parse(Known);
        Assert.Equal(secret, credential.Secret);
        Assert.Equal(SlotKind.Recovery, credential.Kind);
    }

    [Fact]
    public void A_generated_code_reads_back_and_no_two_are_alike()
    {
        HashSet<string> seen = [];
        for (int round = 0; round < 200; round++)
        {
            string code = RecoveryCode.Generate();
            using Credential credential = RecoveryCode.Parse(code);
            Assert.Equal(code, RecoveryCode.Format(credential.Secret));
            Assert.True(seen.Add(code));
        }
    }

    [Theory]
    [InlineData("000g4-0r40m-30e20-9185g-r38e1-w8124-gkwyq")]
    [InlineData("OOOG4 OR4OM 3OE2O 9I85G R38EL W8L24 GKWYQ")]
    [InlineData(" 000G40R40M30E209185GR38E1W8124GKWYQ\n")]
    public void Case_blanks_and_look_alikes_do_not_matter(string typed)
    {
        using Credential known = RecoveryCode.Parse(Known);
        using Credential credential = RecoveryCode.Parse(typed);

        Assert.Equal(known.Secret, credential.Secret);
    }

    [Fact]
    public void A_wrong_symbol_or_two_swapped_ones_are_noticed()
    {
        // One in 32,768 passes by the check; this code has no such neighbour.
        for (int at = 0; at < Known.Length - 1; at++)
        {
            if (Known[at] != '-')
                AssertMistyped(Known[..at] + (Known[at] == '7' ? '6' : '7') + Known[(at + 1)..]);
            if (Known[at] != Known[at + 1] && Known[at] != '-' && Known[at + 1] != '-')
                AssertMistyped(Known[..at] + Known[at + 1] + Known[at] + Known[(at + 2)..]);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("000G4")]
    [InlineData(Known + "0")]
    [InlineData("U00G4-0R40M-30E20-9185G-R38E1-W8124-GKWYQ")]
    [InlineData("*00G4-0R40M-30E20-9185G-R38E1-W8124-GKWYQ")]
    public void What_is_no_code_is_refused(string text) => AssertMistyped(text);

    private static void AssertMistyped(string text) =>
        Assert.Equal(KeyError.Mistyped, Assert.Throws<KeyException>(() => RecoveryCode.Parse(text)).Code);
}
