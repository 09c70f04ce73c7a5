using System.Text;
using System.Text.Json;

namespace ClawOS.Security.Seccomp.Json;

/// <summary>A JSON value that knows where it stands, in bytes.</summary>
internal sealed class PlacedValue
{
    private PlacedValue(JsonTokenType type, int start) => (Type, Start) = (type, start);

    /// <summary>The type of its first token.</summary>
    internal JsonTokenType Type { get; }

    internal int Start { get; }

    internal int Length { get; private set; }

    /// <summary>The text of a string, the digits of a number, else empty.</summary>
    internal string Text { get; private set; } = "";

    /// <summary>The values of an array.</summary>
    internal List<PlacedValue> Items { get; } = [];

    /// <summary>The members of an object, repeated ones included.</summary>
    internal List<(PlacedValue Name, PlacedValue Value)> Members { get; } = [];

    /// <summary>Reads the one value of a text.</summary>
    /// <exception cref="ProfileException">It is not JSON.</exception>
    internal static PlacedValue Read(SourceText source)
    {
        try
        {
            Utf8JsonReader reader = new(source.Bytes);
            reader.Read();
            PlacedValue value = Read(source, ref reader);
            reader.Read();
            return value;
        }
        catch (JsonException exception)
        {
            // The reader counts lines and bytes from 0 and repeats them in its message, which the error does not need.
            int start = source.StartOf(exception.LineNumber ?? 0) + (int)(exception.BytePositionInLine ?? 0);
            string message = exception.Message.Split(" LineNumber:")[0];
            throw new ProfileException([source.Error(start, 1, message)]);
        }
    }

    private static PlacedValue Read(SourceText source, ref Utf8JsonReader reader)
    {
        PlacedValue value = Token(source, ref reader);
        if (value.Type == JsonTokenType.StartArray)
        {
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                value.Items.Add(Read(source, ref reader));
            }
        }
        else if (value.Type == JsonTokenType.StartObject)
        {
            while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
            {
                PlacedValue name = Token(source, ref reader);
                reader.Read();
                value.Members.Add((name, Read(source, ref reader)));
            }
        }

        value.Length = (int)reader.BytesConsumed - value.Start;
        return value;
    }

    private static PlacedValue Token(SourceText source, ref Utf8JsonReader reader)
    {
        PlacedValue token = new(reader.TokenType, (int)reader.TokenStartIndex);
        token.Length = (int)reader.BytesConsumed - token.Start;
        try
        {
            token.Text = reader.TokenType switch
            {
                JsonTokenType.String or JsonTokenType.PropertyName => reader.GetString()!,
                JsonTokenType.Number => Encoding.UTF8.GetString(reader.ValueSpan),
                _ => "",
            };
        }
        catch (InvalidOperationException)
        {
            throw new ProfileException([source.Error(token.Start, token.Length, "an escape in this text stands for half a character")]);
        }

        return token;
    }
}
