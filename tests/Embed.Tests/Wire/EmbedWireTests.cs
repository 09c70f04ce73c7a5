using ClawFS.Embedding;

namespace ClawOS.Embed.Tests.Wire;

public sealed class EmbedWireTests
{
    private static readonly EmbedFrame[] Frames =
    [
        new ModelFrame(new EmbedderSettings(EmbedderKind.Ollama, "nomic-embed-text", "http://127.0.0.1:11434")),
        new ModelFrame(new EmbedderSettings(EmbedderKind.OpenAi, "m", "https://example.org/v1", "/etc/claw/key")),
        new ModelFrame(new EmbedderSettings(EmbedderKind.Onnx, "/models/mini")),
        new TextsFrame(7, true, 1500, ["how do I rotate keys?"]),
        new TextsFrame(8, false, 60_000, ["", "übergrößenträger 漢字 🗝", new string('x', EmbedLimits.MaxText)]),
        new ReadyFrame(384, "onnx:mini#0123456789ab"),
        new VectorsFrame(8, 2, [[1, -2.5f], [float.MaxValue, float.Epsilon]]),
        new FailedFrame(8, EmbedFailureKind.Again, 30_000, "example.org answers with status 429"),
        new FailedFrame(0, EmbedFailureKind.Unusable, 0, "/models/mini: there is no model.onnx"),
    ];

    [Fact]
    public void Every_frame_comes_out_as_it_went_in()
    {
        byte[] buffer = new byte[EmbedLimits.MaxFrame];
        foreach (EmbedFrame frame in Frames)
        {
            EmbedFrame read = EmbedWire.Read(buffer.AsSpan(0, EmbedWire.Write(frame, buffer)));
            Assert.Equivalent(frame, read, strict: true);
        }
    }

    [Fact]
    public void The_bytes_are_those_of_the_document()
    {
        Assert.Equal("0207000000" + "01" + "dc050000" + "0100" + "0300" + "6b6579", Hex(new TextsFrame(7, true, 1500, ["key"])));
        Assert.Equal("82" + "07000000" + "0000" + "0100" + "0200" + "0000803f" + "000000c0", Hex(new VectorsFrame(7, 0, [[1, -2]])));
        Assert.Equal("83" + "07000000" + "01" + "e8030000" + "0400" + "62757379", Hex(new FailedFrame(7, EmbedFailureKind.Again, 1000, "busy")));
        Assert.Equal("81" + "0100" + "0200" + "0100" + "6d", Hex(new ReadyFrame(2, "m")));
        Assert.Equal("01" + "0100" + "01" + "0200" + "2f6d" + "0000" + "0000", Hex(new ModelFrame(new EmbedderSettings(EmbedderKind.Onnx, "/m"))));
    }

    [Fact]
    public void The_largest_vectors_fit_into_frames()
    {
        byte[] buffer = new byte[EmbedLimits.MaxFrame];
        foreach (int dimensions in (int[])[EmbedLimits.LeastDimensions, 384, EmbedLimits.MostDimensions])
        {
            int count = Math.Min(EmbedLimits.MaxTexts, EmbedWire.VectorsPerFrame(dimensions));
            VectorsFrame frame = new(1, 0, [.. Enumerable.Repeat(new float[dimensions], count)]);
            Assert.Equal(count, ((VectorsFrame)EmbedWire.Read(buffer.AsSpan(0, EmbedWire.Write(frame, buffer)))).Vectors.Count);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("00")]
    [InlineData("03")]
    [InlineData("01020001" + "02002f6d" + "0000" + "0000")] // Another version.
    [InlineData("01010009" + "02002f6d" + "0000" + "0000")] // No such kind.
    [InlineData("01010001" + "01006d" + "0000" + "0000")] // A folder that is no absolute path.
    [InlineData("02000000000100010000" + "0100" + "0000")] // Batch 0.
    [InlineData("02070000000101000000" + "0000")] // No text.
    [InlineData("02070000000101000000" + "2100")] // More texts than may be.
    [InlineData("02070000000101000000" + "0100" + "0200" + "c328")] // No UTF-8.
    [InlineData("81010001000100" + "6d")] // One dimension.
    [InlineData("82070000000000" + "01000200" + "0000c07f" + "00000000")] // NaN.
    [InlineData("82070000000000" + "01000200" + "0000807f" + "00000000")] // Infinity.
    [InlineData("82070000000000" + "01000200" + "00000000")] // Cut short.
    [InlineData("82070000000000" + "01000200" + "0000000000000000" + "00")] // A byte too many.
    [InlineData("82070000002000" + "01000200" + "0000000000000000")] // A place behind the last text.
    [InlineData("83070000000900000000" + "0000")] // No such failure.
    public void What_breaks_the_protocol_is_refused(string hex) => Assert.Throws<InvalidDataException>(() => EmbedWire.Read(Convert.FromHexString(hex)));

    [Fact]
    public void Any_bytes_are_a_frame_or_refused()
    {
        Random random = Seed.Random();
        byte[] buffer = new byte[EmbedLimits.MaxFrame];
        int read = 0;
        for (int i = 0; i < 20_000; i++)
        {
            int length = EmbedWire.Write(Frames[random.Next(Frames.Length)], buffer);
            Span<byte> bytes = buffer.AsSpan(0, random.Next(4) == 0 ? random.Next(length + 1) : length);
            for (int flips = random.Next(4); flips > 0 && bytes.Length > 0; flips--)
            {
                bytes[random.Next(Math.Min(bytes.Length, 40))] = (byte)random.Next(256);
            }
            try
            {
                EmbedFrame frame = EmbedWire.Read(bytes);
                Assert.True(EmbedWire.Write(frame, new byte[EmbedLimits.MaxFrame]) > 0);
                read++;
            }
            catch (InvalidDataException)
            {
                continue; // Refused, as it should be.
            }
        }
        Assert.InRange(read, 1, 19_999);
    }

    [Theory]
    [InlineData("openai", "m", "ftp://x/v1", "", "url=")]
    [InlineData("openai", "m", "https://user:secret@x/v1", "", "no user")]
    [InlineData("openai", "m", "https://x/v1?key=secret", "", "question mark")]
    [InlineData("openai", "m", "http://example.org/v1", "/key", "https only")]
    [InlineData("openai", "m", "https://example.org/v1", "sk-123", "absolute path")]
    [InlineData("onnx", "models/mini", "", "", "absolute path")]
    [InlineData("onnx", "/models/mini", "http://x/", "", "no url")]
    [InlineData("ollama", "", "http://127.0.0.1:11434", "", "model")]
    public void Settings_that_could_leak_or_not_work_are_refused(string kind, string model, string url, string key, string reason) =>
        Assert.Contains(reason, new EmbedderSettings(kind switch { "onnx" => EmbedderKind.Onnx, "openai" => EmbedderKind.OpenAi, _ => EmbedderKind.Ollama }, model, url, key).Fault, StringComparison.Ordinal);

    private static string Hex(EmbedFrame frame)
    {
        byte[] buffer = new byte[1024];
        return Convert.ToHexStringLower(buffer.AsSpan(0, EmbedWire.Write(frame, buffer)));
    }
}
