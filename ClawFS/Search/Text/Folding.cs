namespace ClawFS.Search.Text;

/// <summary>
/// Lower case and letters without their diacritics, so that "Café", "cafe" and "CAFÉ" are one term. Latin and Greek by table (the base letter of the canonical
/// decomposition of Unicode 15; letters with a stroke or hook as their plain form), Cyrillic by lower case with ё as е, the forms of Arabic alef, yeh and teh
/// marbuta as one, full-width forms as ASCII. The table is written out because the program runs without ICU, where .NET does not decompose.
/// </summary>
internal static class Folding
{
    // A space stands for "no letter": such a character folds to itself.
    private const string LatinSupplement =
        "aaaaaaaceeeeiiiidnooooo ouuuuytsaaaaaaaceeeeiiiidnooooo ouuuuytyaaaaaaccccccccddddeeeeeeeeeegggggggg"
        + "hhhhiiiiiiiiiiiijjkkĸllllllŀŀllnnnnnnŉŋŋoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzsbbƃƃƅƅɔc"
        + "cddddƍeəeffgɣƕɩɨkklƛɯnnoooƣƣppʀƨƨʃƪttttuuʊvyyzzʒƹƹƺƻƽƽƾƿǀǁǂǃǆǆǆǉǉǉǌǌǌaaiioouuuuuuuuuueaaaaaaggggkkoo"
        + "ooʒʒjǳǳǳggƕƿnnaaaaooaaaaeeeeiiiioooorrrruuuussttȝȝhhnȡȣȣzzaaeeooooooooyyȴȵȶȷȸȹⱥȼȼlⱦȿɀɂɂbʉʌɇɇɉɉɋɋɍɍɏɏ";

    private const string LatinAdditional =
        "aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmmmmmmnnnnnnnnoooooooopppprrrrrrrrssss"
        + "ssssssttttttttuuuuuuuuuuvvvvwwwwwwwwwwxxxxyyzzzzzzhtwyẚsẜẝsẟaaaaaaaaaaaaaaaaaaaaaaaaeeeeeeeeeeeeeeee"
        + "iiiioooooooooooooooooooooooouuuuuuuuuuuuuuyyyyyyyyỻỻỽỽỿỿ";

    private const string Greek =
        "α εηι ο υωιαβγδεζηθικλμνξοπρ στυφχψωιυαεηιυαβγδεζηθικλμνξοπρσστυφχψωιυουω";

    private const string GreekExtended =
        "ααααααααααααααααεεεεεε  εεεεεε  ηηηηηηηηηηηηηηηηιιιιιιιιιιιιιιιιοοοοοο  οοοοοο  υυυυυυυυ υ υ υ υωωωω"
        + "ωωωωωωωωωωωωααεεηηιιοουυωω  ααααααααααααααααηηηηηηηηηηηηηηηηωωωωωωωωωωωωωωωωααααα ααααααα ι   ηηη ηη"
        + "εεηηη   ιιιι  ιιιιιι    υυυυρρυυυυυυρ     ωωω ωωοοωωω   ";

    private static readonly char[] Table = Build();

    /// <summary>The folded form of a character of the basic plane; of one that folds to two letters (ß, æ, œ, þ, ĳ) the first.</summary>
    internal static char Fold(char value) => Table[value];

    /// <summary>The second letter of a character that folds to two, or 0.</summary>
    internal static char Second(char value) => value switch
    {
        'ß' or 'ẞ' => 's',
        'æ' or 'Æ' or 'œ' or 'Œ' or 'ǽ' or 'Ǽ' or 'ǣ' or 'Ǣ' => 'e',
        'þ' or 'Þ' => 'h',
        'ĳ' or 'Ĳ' => 'j',
        _ => '\0',
    };

    private static char[] Build()
    {
        char[] table = new char[char.MaxValue + 1];
        for (int i = 0; i < table.Length; i++)
            table[i] = char.ToLowerInvariant((char)i);
        Lay(table, LatinSupplement, '\u00C0');
        Lay(table, LatinAdditional, '\u1E00');
        Lay(table, Greek, '\u0386');
        Lay(table, GreekExtended, '\u1F00');
        foreach ((char from, char to) in "ёеЁеأاإاآاىيةه".Chunk(2).Select(static pair => (pair[0], pair[1])))
            table[from] = to;
        for (char wide = '\uFF01'; wide <= '\uFF5E'; wide++)
            table[wide] = char.ToLowerInvariant((char)(wide - 0xFEE0));
        return table;
    }

    private static void Lay(char[] table, string folded, char first)
    {
        for (int i = 0; i < folded.Length; i++)
        {
            if (folded[i] != ' ')
                table[first + i] = folded[i];
        }
    }
}
