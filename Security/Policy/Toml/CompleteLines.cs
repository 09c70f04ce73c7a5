namespace ClawOS.Security.Policy.Toml;

/// <summary>
/// How much of a beginning stands for itself: up to the last line that ends outside of every bracket and every text over several lines. It may say less than there is,
/// where brackets are wrong, but never more.
/// </summary>
internal static class CompleteLines
{
    /// <summary>Length in bytes of what stands for itself.</summary>
    internal static int Of(ReadOnlySpan<byte> text)
    {
        int complete = 0;
        int depth = 0;
        int at = 0;
        while (at < text.Length)
        {
            switch (text[at])
            {
                case (byte)'\n':
                    complete = depth == 0 ? at + 1 : complete;
                    at++;
                    break;
                case (byte)'#':
                    at = EndOfLine(text, at);
                    break;
                case (byte)'"' or (byte)'\'':
                    at = BehindQuotes(text, at);
                    break;
                case (byte)'[' or (byte)'{':
                    depth++;
                    at++;
                    break;
                case (byte)']' or (byte)'}':
                    depth = Math.Max(0, depth - 1);
                    at++;
                    break;
                default:
                    at++;
                    break;
            }
        }

        return complete;
    }

    private static int EndOfLine(ReadOnlySpan<byte> text, int at)
    {
        int length = text[at..].IndexOf((byte)'\n');
        return length < 0 ? text.Length : at + length;
    }

    /// <summary>Behind a quoted text; one on a line ends with the line in any case, for there it is wrong for good.</summary>
    private static int BehindQuotes(ReadOnlySpan<byte> text, int at)
    {
        byte quote = text[at];
        bool isLong = text[at..] is [_, var second, var third, ..] && second == quote && third == quote;
        int next = at + (isLong ? 3 : 1);
        while (next < text.Length)
        {
            if (text[next] == '\\' && quote == '"')
            {
                next += !isLong && text[next..] is [_, (byte)'\n', ..] ? 1 : 2;
            }
            else if (!isLong && text[next] == '\n')
            {
                return next;
            }
            else if (text[next] != quote)
            {
                next++;
            }
            else if (!isLong)
            {
                return next + 1;
            }
            else
            {
                // Up to two quotes before the closing three belong to the text.
                int count = Math.Min(5, text[next..].IndexOfAnyExcept(quote) is var run && run < 0 ? text.Length - next : run);
                next += count;
                if (count >= 3)
                {
                    return next;
                }
            }
        }

        return text.Length;
    }
}
