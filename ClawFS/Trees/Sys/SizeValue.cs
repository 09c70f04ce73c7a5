using System.Buffers.Text;

namespace ClawFS.Trees;

/// <summary>Sizes as people write them: "512", "10G", "none". Powers of 1024, at most 16 EiB - 1.</summary>
internal static class SizeValue
{
    /// <summary>Parses a size with blanks around it; "none" and 0 are no limit.</summary>
    /// <param name="text">The text, without a newline.</param>
    /// <param name="bytes">The size in bytes.</param>
    /// <param name="wrong">The byte at which it stops making sense.</param>
    public static bool TryParse(ReadOnlySpan<byte> text, out ulong bytes, out int wrong)
    {
        int blanks = text.Length - text.TrimStart(" \t"u8).Length;
        ReadOnlySpan<byte> word = text.Trim(" \t"u8);
        bytes = 0;
        wrong = blanks;
        if (word.SequenceEqual("none"u8))
        {
            return true;
        }
        if (!Utf8Parser.TryParse(word, out ulong number, out int digits))
        {
            return false;
        }
        wrong += digits;
        int shift = ShiftOf(word[digits..]);
        if (shift < 0 || number > ulong.MaxValue >> shift)
        {
            return false;
        }
        bytes = number << shift;
        return true;
    }

    private static int ShiftOf(ReadOnlySpan<byte> suffix) => suffix switch
    {
        [] => 0,
        [(byte)'K' or (byte)'k'] => 10,
        [(byte)'M' or (byte)'m'] => 20,
        [(byte)'G' or (byte)'g'] => 30,
        [(byte)'T' or (byte)'t'] => 40,
        _ => -1,
    };
}
