using System.Text;

namespace ClawFS.Search.Text;

/// <summary>Words of scripts that write words apart, identifiers and numbers.</summary>
internal ref partial struct TermReader
{
    private const byte Lower = 1, Upper = 2, Digit = 3;

    /// <summary>Reads the word at the position; false when nothing of it is left after folding.</summary>
    private bool ReadWord()
    {
        _inRun = false;
        Begin(_at);
        byte before = 0, beforeThat = 0;
        int at = _at;
        while (at < _text.Length)
        {
            byte value = _text[at];
            if ((uint)(value - 'a') < 26)
            {
                // HTTPServer: the last capital belongs to what follows. URLs: a single small letter does not.
                if (before == Upper && beforeThat == Upper && at + 1 < _text.Length && (uint)(_text[at + 1] - 'a') < 26)
                    Cut(_wordLength - 1);
                Put(value);
                (beforeThat, before) = (before, Lower);
            }
            else if ((uint)(value - 'A') < 26)
            {
                if (before is Lower or Digit)
                    Cut(_wordLength);
                Put((byte)(value | 0x20));
                (beforeThat, before) = (before, Upper);
            }
            else if ((uint)(value - '0') < 10)
            {
                _lettersOnly = false;
                Put(value);
                (beforeThat, before) = (before, Digit);
            }
            else if (value < 0x80 && !(value == '\\' && _escapes && Unit(at) is not null))
            {
                if (!Joins(value, at, before))
                    break;
                (beforeThat, before) = (0, 0);
            }
            else
            {
                Rune rune = Decode(at, out int length);
                RuneClass kind = RuneClasses.Of(rune);
                if (kind == RuneClass.Word)
                    AppendFolded(rune);
                else if (kind != RuneClass.Dropped)
                    break;
                at += length - 1;
                (beforeThat, before) = (0, 0);
            }

            at++;
        }

        return EndWord(at);
    }

    /// <summary>An underscore, an apostrophe, or a point between digits: part of the word. False when the word ends here.</summary>
    private bool Joins(byte value, int at, byte before)
    {
        byte next = at + 1 < _text.Length ? _text[at + 1] : (byte)0;
        switch (value)
        {
            case (byte)'_' when next == '_' || IsWordStart(next):
                _lettersOnly = false;
                Put(value);
                Cut(_wordLength);
                return true;
            case (byte)'.' when before == Digit && (uint)(next - '0') < 10:
                Put(value);
                Cut(_wordLength);
                return true;
            case (byte)'\'' when (uint)((next | 0x20) - 'a') < 26:
                return !IsPossessive(at);
            default:
                return false;
        }
    }

    private readonly bool IsPossessive(int at) =>
        (_text[at + 1] | 0x20) == 's' && (at + 2 >= _text.Length || (_text[at + 2] < 0x80 && !IsWordStart(_text[at + 2])));

    private bool EndWord(int at)
    {
        _at = at;
        while (_wordLength > 0 && _word[_wordLength - 1] == '_')
            _wordLength--;
        while (_partCount > 0 && _parts[_partCount - 1] >= _wordLength)
            _partCount--;
        if (at < _text.Length && _text[at] == '\'' && at + 1 < _text.Length && (_text[at + 1] | 0x20) == 's')
            _at += 2;
        if (_wordLength == 1 && _lettersOnly && at < _text.Length && Suffix(_text[at..]) is > 0 and var length)
        {
            foreach (byte value in _text.Slice(at, length))
                Put(value);
            _lettersOnly = false;
            _at = at + length;
        }

        if (!Finish(_at))
            return false;
        if (_lettersOnly)
            _termLength = Stemmer.Length(_word[.._wordLength]);
        return true;
    }

    /// <summary>The length of what makes c++ and c# names of their own.</summary>
    private static int Suffix(ReadOnlySpan<byte> rest) =>
        rest.StartsWith("++"u8) && (rest.Length == 2 || !IsWordStart(rest[2])) ? 2
        : rest[0] == '#' && (rest.Length == 1 || !IsWordStart(rest[1])) ? 1
        : 0;

    private void Put(byte value)
    {
        if (_wordLength < MaxTerm)
            _word[_wordLength++] = value;
    }

    private void AppendFolded(Rune rune)
    {
        char second = rune.IsBmp ? Folding.Second((char)rune.Value) : '\0';
        Rune folded = Fold(rune);
        bool letters = _lettersOnly && folded.IsAscii;
        Append(folded);
        if (second != 0)
            Append(new Rune(second));
        _lettersOnly = letters && Rune.IsLetter(folded);
    }

    /// <summary>Notes that a part begins at this byte of the word.</summary>
    private void Cut(int at)
    {
        if (_partCount < MaxParts && at > 0 && at < MaxTerm && (_partCount == 0 || _parts[_partCount - 1] < at))
            _parts[_partCount++] = (byte)at;
    }

    /// <summary>Gives the next part of the word that was given before; parts of one character are noise.</summary>
    private bool NextPart()
    {
        while (_partCount > 0 && _nextPart <= _partCount)
        {
            int from = _nextPart == 0 ? 0 : _parts[_nextPart - 1];
            int to = _nextPart == _partCount ? _wordLength : _parts[_nextPart];
            _nextPart++;
            while (to > from && _word[to - 1] is (byte)'_' or (byte)'.')
                to--;
            if (to - from < 2)
                continue;
            ReadOnlySpan<byte> part = _word[from..to];
            _termStart = from;
            _termLength = part.ContainsAnyExceptInRange((byte)'a', (byte)'z') ? part.Length : Stemmer.Length(part);
            return true;
        }

        return false;
    }
}
