using System.Buffers.Binary;
using System.Text;

namespace ClawFS.Embedding;

/// <summary>Frames as bytes. Numbers are little-endian. docs/embed-protocol.md is the table.</summary>
public static class EmbedWire
{
    private const byte Model = 1, Texts = 2, Ready = 0x81, Vectors = 0x82, Failed = 0x83;
    private const int VectorsHead = 1 + 4 + 2 + 2 + 2;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Vectors of so many dimensions that fit into one frame.</summary>
    public static int VectorsPerFrame(int dimensions) => Math.Max(1, (EmbedLimits.MaxFrame - VectorsHead) / (4 * dimensions));

    /// <summary>Bytes that a text takes in a frame.</summary>
    public static int SizeOf(string text) => 2 + Encoding.UTF8.GetByteCount(text);

    /// <summary>Bytes of a frame of texts that are not the texts.</summary>
    public const int TextsHead = 1 + 4 + 1 + 4 + 2;

    /// <summary>Makes bytes of a frame.</summary>
    /// <param name="frame">The frame, within the limits.</param>
    /// <param name="buffer">Room for <see cref="EmbedLimits.MaxFrame"/> bytes.</param>
    /// <returns>How many bytes it took.</returns>
    /// <exception cref="ArgumentException">The frame is outside the limits.</exception>
    public static int Write(EmbedFrame frame, Span<byte> buffer)
    {
        Writer to = new(buffer);
        switch (frame)
        {
            case ModelFrame { Settings: var settings }:
                to.Byte(Model);
                to.Short(EmbedLimits.Version);
                to.Byte((byte)settings.Kind);
                to.Text(settings.Model);
                to.Text(settings.Url);
                to.Text(settings.KeyFile);
                break;
            case TextsFrame batch:
                to.Byte(Texts);
                to.Int(batch.Id);
                to.Byte(batch.IsQuestion ? (byte)1 : (byte)0);
                to.Int(batch.Milliseconds);
                to.Short((ushort)batch.Texts.Count);
                foreach (string text in batch.Texts)
                {
                    to.Text(text);
                }
                break;
            case ReadyFrame ready:
                to.Byte(Ready);
                to.Short(EmbedLimits.Version);
                to.Short((ushort)ready.Dimensions);
                to.Text(ready.Name);
                break;
            case VectorsFrame vectors:
                to.Byte(Vectors);
                to.Int(vectors.Id);
                to.Short((ushort)vectors.First);
                to.Short((ushort)vectors.Vectors.Count);
                to.Short((ushort)vectors.Vectors[0].Length);
                foreach (float[] vector in vectors.Vectors)
                {
                    to.Floats(vector);
                }
                break;
            case FailedFrame failed:
                to.Byte(Failed);
                to.Int(failed.Id);
                to.Byte((byte)failed.Kind);
                to.Int(Math.Min(failed.RetryMilliseconds, EmbedLimits.MaxMilliseconds));
                to.Text(OneLine.Of(failed.Reason, EmbedLimits.MaxReason));
                break;
            default:
                throw new ArgumentException("no such frame", nameof(frame));
        }
        return to.Length;
    }

    /// <summary>Reads a frame that comes from the other process.</summary>
    /// <param name="bytes">One message, whole.</param>
    /// <exception cref="InvalidDataException">It breaks the protocol.</exception>
    public static EmbedFrame Read(ReadOnlySpan<byte> bytes)
    {
        Reader from = new(bytes);
        EmbedFrame frame = from.Byte() switch
        {
            Model => ReadModel(ref from),
            Texts => ReadTexts(ref from),
            Ready => ReadReady(ref from),
            Vectors => ReadVectors(ref from),
            Failed => ReadFailed(ref from),
            _ => throw new InvalidDataException("embed protocol: no such frame"),
        };
        from.End();
        return frame;
    }

    private static ModelFrame ReadModel(ref Reader from)
    {
        from.Version();
        EmbedderSettings settings = new((EmbedderKind)from.Byte(), from.Text(EmbedLimits.MaxName), from.Text(EmbedLimits.MaxName), from.Text(EmbedLimits.MaxName));
        return settings.Fault is null ? new ModelFrame(settings) : throw new InvalidDataException($"embed protocol: {settings.Fault}");
    }

    private static TextsFrame ReadTexts(ref Reader from)
    {
        uint id = from.Int();
        byte isQuestion = from.Byte();
        uint milliseconds = from.Int();
        int count = from.Short();
        Reader.Check(id != 0 && isQuestion <= 1 && milliseconds is > 0 and <= EmbedLimits.MaxMilliseconds && count is > 0 and <= EmbedLimits.MaxTexts, "a batch that cannot be");
        string[] texts = new string[count];
        for (int i = 0; i < count; i++)
        {
            texts[i] = from.Text(EmbedLimits.MaxText);
        }
        return new TextsFrame(id, isQuestion == 1, milliseconds, texts);
    }

    private static ReadyFrame ReadReady(ref Reader from)
    {
        from.Version();
        int dimensions = from.Short();
        Reader.Check(dimensions is >= EmbedLimits.LeastDimensions and <= EmbedLimits.MostDimensions, "a number of dimensions that cannot be");
        string name = from.Text(EmbedLimits.MaxName);
        Reader.Check(name.Length > 0 && !name.Any(char.IsControl), "a name that is none");
        return new ReadyFrame(dimensions, name);
    }

    private static VectorsFrame ReadVectors(ref Reader from)
    {
        uint id = from.Int();
        int first = from.Short(), count = from.Short(), dimensions = from.Short();
        Reader.Check(id != 0 && count > 0 && first + count <= EmbedLimits.MaxTexts && dimensions is >= EmbedLimits.LeastDimensions and <= EmbedLimits.MostDimensions, "vectors that cannot be");
        from.Need(4L * count * dimensions);
        float[][] vectors = new float[count][];
        for (int i = 0; i < count; i++)
        {
            vectors[i] = from.Floats(dimensions);
        }
        return new VectorsFrame(id, first, vectors);
    }

    private static FailedFrame ReadFailed(ref Reader from)
    {
        uint id = from.Int();
        EmbedFailureKind kind = (EmbedFailureKind)from.Byte();
        uint wait = from.Int();
        Reader.Check(kind is EmbedFailureKind.Again or EmbedFailureKind.Refused or EmbedFailureKind.Unusable && wait <= EmbedLimits.MaxMilliseconds, "a failure that cannot be");
        return new FailedFrame(id, kind, wait, OneLine.Of(from.Text(EmbedLimits.MaxReason), EmbedLimits.MaxReason));
    }

    private ref struct Writer(Span<byte> buffer)
    {
        private readonly Span<byte> buffer = buffer;

        public int Length { get; private set; }

        public void Byte(byte value) => Take(1)[0] = value;

        public void Short(ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(Take(2), value);

        public void Int(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Take(4), value);

        public void Text(string text)
        {
            // What is no text (half of a pair) is replaced here, since the reader refuses it.
            int length = Encoding.UTF8.GetByteCount(text);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(length, EmbedLimits.MaxText, nameof(text));
            Short((ushort)length);
            Encoding.UTF8.GetBytes(text, Take(length));
        }

        public void Floats(ReadOnlySpan<float> values)
        {
            foreach (float value in values)
            {
                BinaryPrimitives.WriteSingleLittleEndian(Take(4), value);
            }
        }

        private Span<byte> Take(int count)
        {
            if (count > buffer.Length - Length)
            {
                throw new ArgumentException("the frame is longer than a frame may be");
            }
            Span<byte> room = buffer.Slice(Length, count);
            Length += count;
            return room;
        }
    }

    private ref struct Reader(ReadOnlySpan<byte> rest)
    {
        private ReadOnlySpan<byte> rest = rest;

        public static void Check(bool holds, string fault)
        {
            if (!holds)
            {
                throw new InvalidDataException($"embed protocol: {fault}");
            }
        }

        public readonly void Need(long count) => Check(rest.Length >= count, "cut short");

        public byte Byte() => Take(1)[0];

        public ushort Short() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

        public uint Int() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

        public void Version()
        {
            int version = Short();
            Check(version == EmbedLimits.Version, $"version {version}, and this side speaks {EmbedLimits.Version}");
        }

        public string Text(int most)
        {
            int length = Short();
            Check(length <= most, "a text that is too long");
            try
            {
                return Utf8.GetString(Take(length));
            }
            catch (DecoderFallbackException)
            {
                throw new InvalidDataException("embed protocol: a text that is no UTF-8");
            }
        }

        public float[] Floats(int count)
        {
            ReadOnlySpan<byte> bytes = Take(4 * count);
            float[] values = new float[count];
            for (int i = 0; i < count; i++)
            {
                values[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes[(4 * i)..]);
                Check(float.IsFinite(values[i]), "a number that is not finite");
            }
            return values;
        }

        public readonly void End() => Check(rest.IsEmpty, "more than a frame");

        private ReadOnlySpan<byte> Take(int count)
        {
            Need(count);
            ReadOnlySpan<byte> taken = rest[..count];
            rest = rest[count..];
            return taken;
        }
    }
}
