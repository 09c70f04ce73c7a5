namespace ClawFS.Search.Text;

/// <summary>Where a run without line ends is cut, and how many words it has.</summary>
internal static class PieceCut
{
    /// <summary>The longest piece of text, in bytes.</summary>
    internal const int MaxBytes = 1024;

    /// <summary>The end of a piece that begins at 0 and is longer than <see cref="MaxBytes"/>: after a sentence, else after a blank, else between characters.</summary>
    /// <param name="text">More than <see cref="MaxBytes"/> bytes.</param>
    internal static int Find(ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> window = text[..MaxBytes];
        int sentence = Math.Max(window.LastIndexOf(". "u8), window.LastIndexOf("\u3002"u8));
        if (sentence > MaxBytes / 2)
            return window[sentence] == '.' ? sentence + 2 : sentence + 3;
        int blank = window.LastIndexOfAny(" \t>,;"u8);
        if (blank > MaxBytes / 2)
            return blank + 1;
        int at = MaxBytes;
        while (at > MaxBytes - 4 && (text[at] & 0xC0) == 0x80)
            at--;
        return at;
    }

    /// <summary>Twice the words, roughly: ASCII runs count two, characters of scripts without spaces one.</summary>
    internal static int HalfWords(ReadOnlySpan<byte> text)
    {
        int count = 0;
        bool inside = false;
        foreach (byte value in text)
        {
            if (value < 0x80)
            {
                bool word = (uint)((value | 0x20) - 'a') < 26 || (uint)(value - '0') < 10 || value == '_';
                count += word && !inside ? 2 : 0;
                inside = word;
            }
            else if (value is >= 0xE3 and <= 0xED)
            {
                count++;
                inside = true;
            }
            else if (!inside)
            {
                count += 2;
                inside = true;
            }
        }

        return count;
    }
}
