using System.Text;

namespace ClawOS.Embed.Tests.Onnx;

/// <summary>
/// A model folder with the smallest model that can be told right from wrong: its vector of a token is the row of a table, so that what is made of tokens can be computed by hand.
/// The protobuf (onnx.proto, ModelProto) is written field by field.
/// </summary>
internal sealed class TinyModel : IDisposable
{
    internal static readonly string[] Tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "red", "green", "blue", "key", "##s"];

    internal const int Width = 4;

    internal TinyModel(string input = "input_ids")
    {
        Folder = Directory.CreateTempSubdirectory("claw-onnx-").FullName;
        File.WriteAllBytes(Path.Combine(Folder, "model.onnx"), Model(input));
        File.WriteAllLines(Path.Combine(Folder, "vocab.txt"), Tokens);
    }

    internal string Folder { get; }

    /// <summary>The row of a token.</summary>
    internal static float[] Row(string token)
    {
        int number = Array.IndexOf(Tokens, token);
        return [.. Enumerable.Range(0, Width).Select(column => MathF.Sin((number * 7) + column + 1))];
    }

    /// <summary>What the vector of some tokens must be: their mean, of length 1.</summary>
    internal static float[] Mean(params string[] tokens)
    {
        float[] sum = new float[Width];
        foreach (float[] row in tokens.Select(Row))
        {
            for (int i = 0; i < Width; i++)
            {
                sum[i] += row[i];
            }
        }
        float length = MathF.Sqrt(sum.Sum(static value => value * value));
        return [.. sum.Select(value => value / length)];
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    /// <summary>last_hidden_state[b, t] = table[input_ids[b, t]]; the mask is an input that the model does not use, so padding must be left out by whoever runs it.</summary>
    private static byte[] Model(string input)
    {
        byte[] table = [.. Tokens.SelectMany(Row).SelectMany(BitConverter.GetBytes)];
        byte[] graph =
        [
            .. Field(1, [.. Field(1, "table"u8), .. Field(1, Text(input)), .. Field(2, "last_hidden_state"u8), .. Field(4, "Gather"u8)]),
            .. Field(2, "tiny"u8),
            .. Field(5, [.. Number(1, Tokens.Length), .. Number(1, Width), .. Number(2, 1), .. Field(8, "table"u8), .. Field(9, table)]),
            .. Field(11, Tensor(input, 7, "batch", "length")),
            .. Field(11, Tensor("attention_mask", 7, "batch", "length")),
            .. Field(12, Tensor("last_hidden_state", 1, "batch", "length", "width")),
        ];
        return [.. Number(1, 8), .. Field(7, graph), .. Field(8, Number(2, 13))];
    }

    private static byte[] Tensor(string name, int type, params string[] axes)
    {
        byte[] shape = [.. axes.SelectMany(static axis => Field(1, Field(2, Text(axis))))];
        return [.. Field(1, Text(name)), .. Field(2, Field(1, [.. Number(1, type), .. Field(2, shape)]))];
    }

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    private static byte[] Field(int number, ReadOnlySpan<byte> content) => [.. Varint((number << 3) | 2), .. Varint(content.Length), .. content];

    private static byte[] Number(int number, long value) => [.. Varint(number << 3), .. Varint(value)];

    private static byte[] Varint(long value)
    {
        List<byte> bytes = [];
        for (; value >= 0x80; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }
        bytes.Add((byte)value);
        return [.. bytes];
    }
}
