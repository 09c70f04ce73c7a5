using System.Text;

namespace ClawFS.Search.Text;

/// <summary>
/// Reads the terms of UTF-8 text, one after the other, without allocating. Words are folded (<see cref="Folding"/>) and stemmed (<see cref="Stemmer"/>); identifiers give
/// their whole and their parts (parseUrl, parse, url); text without spaces gives pairs of characters; an emoji is a term. Bytes that are no UTF-8 end a word.
/// </summary>
internal ref partial struct TermReader
{
    /// <summary>A term has at most so many bytes; the rest of a longer word is not looked at.</summary>
    internal const int MaxTerm = 64;

    /// <summary>The scratch space that a reader needs.</summary>
    internal const int ScratchBytes = MaxTerm + MaxParts;

    private const int MaxParts = 24;

    private readonly ReadOnlySpan<byte> _text;
    private readonly Span<byte> _word;
    private readonly Span<byte> _parts;
    private readonly bool _html;
    private readonly bool _escapes;
    private readonly TermPurpose _purpose;
    private MarkupState _state;
    private int _at;
    private int _wordLength;
    private int _partCount;
    private int _nextPart;
    private bool _lettersOnly;
    private bool _inRun;
    private int _pairFrom;
    private int _termStart;
    private int _termLength;

    /// <param name="text">The bytes; offsets count from their begin.</param>
    /// <param name="kind">How they are read.</param>
    /// <param name="state">Where in HTML markup they begin.</param>
    /// <param name="purpose">What the terms are for.</param>
    /// <param name="scratch">At least <see cref="ScratchBytes"/>; <see cref="Term"/> points into it.</param>
    internal TermReader(ReadOnlySpan<byte> text, TextKind kind, MarkupState state, TermPurpose purpose, Span<byte> scratch)
    {
        _text = text;
        _word = scratch[..MaxTerm];
        _parts = scratch.Slice(MaxTerm, MaxParts);
        _html = kind == TextKind.Html;
        _escapes = kind is TextKind.Json or TextKind.Code;
        _purpose = purpose;
        _state = state;
    }

    /// <summary>The term that <see cref="Next"/> found; valid until the next call.</summary>
    internal readonly ReadOnlySpan<byte> Term => _word.Slice(_termStart, _termLength);

    /// <summary>True when the term is a part of the word before it, and so stands at the same place.</summary>
    internal readonly bool IsPart => _nextPart > 0;

    /// <summary>Offset of the word's first byte in the text.</summary>
    internal int Start { get; private set; }

    /// <summary>Offset behind the word's last byte.</summary>
    internal int End { get; private set; }

    /// <summary>Goes to the next term; false at the end.</summary>
    internal bool Next()
    {
        if (NextPart())
            return true;
        if (_html && _state != MarkupState.Text)
            HtmlMarkup.Skip(_text, ref _at, ref _state);
        while (_at < _text.Length)
        {
            byte value = _text[_at];
            if (value < 0x80)
            {
                if (IsWordStart(value))
                {
                    if (ReadWord())
                        return true;
                }
                else if (_escapes && value == '\\')
                {
                    if (ReadOther())
                        return true;
                }
                else
                {
                    SkipAscii(value);
                }
            }
            else if (ReadOther())
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsWordStart(byte value) => (uint)((value | 0x20) - 'a') < 26 || (uint)(value - '0') < 10;

    private void SkipAscii(byte value)
    {
        _inRun = false;
        if (_html && value == '<')
        {
            int before = _at;
            HtmlMarkup.Skip(_text, ref _at, ref _state);
            _at += _at == before ? 1 : 0;
        }
        else if (_html && value == '&')
        {
            // An entity ends the word; which character it names does not matter.
            int end = _text.Slice(_at, Math.Min(10, _text.Length - _at)).IndexOf((byte)';');
            _at += end > 0 ? end + 1 : 1;
        }
        else
        {
            _at++;
        }
    }

    /// <summary>Reads at a character beyond ASCII, or at a backslash; false when it makes no term and was skipped.</summary>
    private bool ReadOther()
    {
        Rune rune = Decode(_at, out int length);
        RuneClass kind = RuneClasses.Of(rune);
        switch (kind)
        {
            case RuneClass.Word:
                return ReadWord();
            case RuneClass.Ideograph or RuneClass.Syllable:
                return ReadPair(rune, kind, length);
            case RuneClass.Emoji or RuneClass.Flag:
                Begin(_at);
                Append(rune);
                _at += length;
                if (kind == RuneClass.Flag && _at < _text.Length && Decode(_at, out length) is var second && RuneClasses.Of(second) == RuneClass.Flag)
                {
                    Append(second);
                    _at += length;
                }

                _inRun = false;
                return Finish(_at);
            default:
                _inRun &= kind == RuneClass.Dropped;
                _at += length;
                return false;
        }
    }

    /// <summary>At a character of text without spaces: first alone (where that counts), then with the one behind it.</summary>
    private bool ReadPair(Rune rune, RuneClass kind, int length)
    {
        int behind = _at + length;
        Rune second = default;
        int secondLength = 0;
        bool more = behind < _text.Length && (second = Decode(behind, out secondLength)) != default && RuneClasses.Of(second) is RuneClass.Ideograph or RuneClass.Syllable;
        bool alone = _pairFrom != _at + 1 && ((!more && !_inRun) || (kind == RuneClass.Ideograph && _purpose == TermPurpose.Index));
        Begin(_at);
        Append(Fold(rune));
        if (alone)
        {
            // The pair that begins here comes next; the mark says that the single character has been given.
            _pairFrom = _at + 1;
            if (!more)
                Leave(behind, false);
            return Finish(behind);
        }

        if (!more)
        {
            Leave(behind, false);
            return false;
        }

        Append(Fold(second));
        Leave(behind, true);
        return Finish(behind + secondLength);
    }

    private void Leave(int behind, bool inRun)
    {
        _at = behind;
        _inRun = inRun;
    }

    private void Begin(int start)
    {
        Start = start;
        _wordLength = 0;
        _partCount = 0;
        _nextPart = 0;
        _lettersOnly = true;
    }

    private bool Finish(int end)
    {
        End = end;
        _termStart = 0;
        _termLength = _wordLength;
        return _wordLength > 0;
    }

    private static Rune Fold(Rune rune) => rune.IsBmp ? new Rune(Folding.Fold((char)rune.Value)) : Rune.ToLowerInvariant(rune);

    private void Append(Rune rune)
    {
        _lettersOnly = false;
        if (_wordLength + rune.Utf8SequenceLength <= MaxTerm)
            _wordLength += rune.EncodeToUtf8(_word[_wordLength..]);
    }

    /// <summary>The character at a position; in JSON and source code also one that is written as an escape. A broken one is U+FFFD, which separates.</summary>
    private readonly Rune Decode(int at, out int length)
    {
        if (_text[at] == '\\')
            return DecodeEscape(at, out length);
        _ = Rune.DecodeFromUtf8(_text[at..], out Rune rune, out length);
        return rune;
    }

    private readonly Rune DecodeEscape(int at, out int length)
    {
        length = 1;
        if (!_escapes || at + 1 >= _text.Length)
            return new Rune('\\');
        length = "nrtbfv0\"'\\/"u8.Contains(_text[at + 1]) ? 2 : 1;
        if (Unit(at) is not { } first)
            return new Rune('\\');
        length = 6;
        if (Rune.TryCreate(first, out Rune rune))
            return rune;
        if (Unit(at + 6) is { } second && Rune.TryCreate(first, second, out rune))
        {
            length = 12;
            return rune;
        }

        return Rune.ReplacementChar;
    }

    /// <summary>The UTF-16 unit that a \uXXXX names.</summary>
    private readonly char? Unit(int at) =>
        at + 6 <= _text.Length && _text[at] == '\\' && _text[at + 1] == 'u'
        && System.Buffers.Text.Utf8Parser.TryParse(_text.Slice(at + 2, 4), out ushort unit, out int used, 'x') && used == 4 ? (char)unit : null;
}
