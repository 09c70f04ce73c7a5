using Tomlyn;
using Tomlyn.Parsing;
using Tomlyn.Syntax;

namespace ClawOS.Security.Policy.Toml;

/// <summary>From text to tables with places. The grammar is the library's; which table may be opened twice is decided here, where the place of the first one is known.</summary>
internal sealed class TomlReader
{
    // Deep enough for any policy, shallow enough for any stack.
    private static readonly TomlSerializerOptions Options = new() { MaxDepth = 16 };

    private readonly SourceText _source;
    private readonly List<PolicyError> _errors;
    private readonly TomlTable _root = new(new Mark(0, 0), TableOrigin.Header);

    private TomlReader(SourceText source, List<PolicyError> errors) => (_source, _errors) = (source, errors);

    /// <summary>The file as one table; null, and at least one error more, when it is not TOML.</summary>
    internal static TomlTable? Read(SourceText source, List<PolicyError> errors)
    {
        if (!TryParse(source.Text, out DocumentSyntax? document))
        {
            errors.Add(source.Error(new Mark(FirstTooDeep(source.Text), 1), $"lists and tables nest more than {Options.MaxDepth - 1} deep"));
            return null;
        }

        TomlReader reader = new(source, errors);
        int before = errors.Count;
        if (document.HasErrors)
        {
            errors.AddRange(document.Diagnostics.Select(found => source.Error(MarkOf(found.Span), found.Message.TrimEnd('.'))));
        }
        else
        {
            reader.Convert(document);
        }

        return errors.Count == before ? reader._root : null;
    }

    private static bool TryParse(string text, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out DocumentSyntax? document)
    {
        try
        {
            // The line feed is for the library's lexer, which throws for a backslash that ends the text within quotes.
            document = SyntaxParser.Parse(text + "\n", Options, sourceName: null, validate: false);
            return true;
        }
        catch (TomlException)
        {
            // The only thing it throws for is depth, and it does not say where.
            document = null;
            return false;
        }
    }

    /// <summary>The offset of the bracket that is one too deep: the last character of the shortest beginning that is refused.</summary>
    private static int FirstTooDeep(string text)
    {
        int accepted = 0;
        int refused = text.Length;
        while (refused - accepted > 1)
        {
            int middle = (accepted + refused) / 2;
            (accepted, refused) = TryParse(text[..middle], out _) ? (middle, refused) : (accepted, middle);
        }

        return refused - 1;
    }

    private void Convert(DocumentSyntax document)
    {
        AddAll(_root, document.KeyValues);
        foreach (TableSyntaxBase syntax in document.Tables)
        {
            if (Open(syntax) is { } table)
            {
                AddAll(table, syntax.Items);
            }
        }
    }

    private void AddAll(TomlTable table, IEnumerable<KeyValueSyntax> pairs)
    {
        foreach (KeyValueSyntax pair in pairs)
        {
            Add(table, pair);
        }
    }

    /// <summary>The table that a header opens; null after an error.</summary>
    private TomlTable? Open(TableSyntaxBase syntax)
    {
        List<(string Key, Mark Mark)> path = PathOf(syntax.Name!);
        TomlTable? parent = _root;
        foreach ((string key, Mark mark) in path.SkipLast(1))
        {
            parent = parent is null ? null : Step(parent, key, mark, TableOrigin.Implied);
        }

        (string last, Mark place) = path[^1];
        TomlEntry? known = parent?.Find(last);
        TomlTable table = new(place, TableOrigin.Header);
        switch (known?.Value)
        {
            case null when syntax is TableArraySyntax:
                TomlArray array = new(place, isOfHeaders: true);
                array.Items.Add(table);
                parent?.Add(new TomlEntry(last, place, array));
                return parent is null ? null : table;
            case null:
                parent?.Add(new TomlEntry(last, place, table));
                return parent is null ? null : table;
            case TomlArray { IsOfHeaders: true } open when syntax is TableArraySyntax:
                open.Items.Add(table);
                return table;
            case TomlTable { Origin: TableOrigin.Implied } implied when syntax is TableSyntax:
                implied.Origin = TableOrigin.Header;
                return implied;
            default:
                return Refuse(known, place);
        }
    }

    private void Add(TomlTable table, KeyValueSyntax pair)
    {
        List<(string Key, Mark Mark)> path = PathOf(pair.Key!);
        TomlTable? parent = table;
        foreach ((string key, Mark mark) in path.SkipLast(1))
        {
            parent = parent is null ? null : Step(parent, key, mark, TableOrigin.Dotted);
        }

        if (parent is null)
        {
            return;
        }

        (string last, Mark place) = path[^1];
        if (parent.Find(last) is { } known)
        {
            _ = Refuse(known, place);
        }
        else
        {
            parent.Add(new TomlEntry(last, place, ValueOf(pair.Value!)));
        }
    }

    /// <summary>One key further on the way to a table; made if it is not there.</summary>
    private TomlTable? Step(TomlTable from, string key, Mark mark, TableOrigin made)
    {
        TomlEntry? known = from.Find(key);
        if (known is null)
        {
            TomlTable table = new(mark, made);
            from.Add(new TomlEntry(key, mark, table));
            return table;
        }

        return known.Value switch
        {
            TomlTable { Origin: not TableOrigin.Inline } table when made == TableOrigin.Implied || table.Origin == TableOrigin.Dotted => table,
            TomlArray { IsOfHeaders: true } array when made == TableOrigin.Implied => (TomlTable)array.Items[^1],
            _ => Refuse(known, mark),
        };
    }

    private TomlTable? Refuse(TomlEntry known, Mark again)
    {
        _errors.Add(_source.Error(again, $"'{known.Key}' is defined already, at line {_source.LineOf(known.Mark).Line}", "join the two into one"));
        return null;
    }

    private TomlNode ValueOf(ValueSyntax syntax)
    {
        Mark mark = MarkOf(syntax.Span);
        switch (syntax)
        {
            case StringValueSyntax text:
                return new TomlText(mark, text.Value!);
            case IntegerValueSyntax number:
                return new TomlInteger(mark, number.Value);
            case ArraySyntax list:
                TomlArray array = new(mark);
                array.Items.AddRange(list.Items.Select(item => ValueOf(item.Value!)));
                return array;
            case InlineTableSyntax inline:
                TomlTable table = new(mark, TableOrigin.Dotted);
                AddAll(table, inline.Items.Select(item => item.KeyValue!));
                table.Origin = TableOrigin.Inline;
                return table;
            case BooleanValueSyntax flag:
                return new TomlBoolean(mark, flag.Value);
            case FloatValueSyntax:
                return new TomlOther(mark, "a number with a point");
            default:
                return new TomlOther(mark, "a date or time");
        }
    }

    private static List<(string Key, Mark Mark)> PathOf(KeySyntax key) =>
        [PartOf(key.Key!), .. key.DotKeys.Select(dotted => PartOf(dotted.Key!))];

    private static (string Key, Mark Mark) PartOf(BareKeyOrStringValueSyntax part) =>
        (part is BareKeySyntax bare ? bare.Key!.Text! : ((StringValueSyntax)part).Value!, MarkOf(part.Span));

    private static Mark MarkOf(SourceSpan span) => new(span.Start.Offset, Math.Max(1, span.Length));
}
