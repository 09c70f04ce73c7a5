using System.Text;

namespace ClawOS.Security.GuardLink;

/// <summary>The policies that are live: what fs publishes and guard compiles.</summary>
/// <param name="Version">Grows with every change.</param>
/// <param name="Mode">Enforce or audit.</param>
/// <param name="Files">Each file's name ("coder.toml") and text.</param>
public sealed record PolicyFiles(ulong Version, PolicyMode Mode, IReadOnlyList<(string Name, string Text)> Files)
{
    private const int MaxFileName = 255, MaxFileText = 1 << 20;

    /// <summary>The frames that carry them.</summary>
    /// <exception cref="ArgumentException">They are more than the frames carry.</exception>
    public IReadOnlyList<PoliciesFrame> ToFrames()
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Files.Count, GuardLimits.MaxFiles);
        using MemoryStream bytes = new();
        using BinaryWriter writer = new(bytes, Encoding.UTF8);
        foreach ((string name, string text) in Files)
        {
            Put(name, MaxFileName);
            Put(text, MaxFileText);
        }

        byte[] all = bytes.ToArray();
        int parts = Math.Max(1, (all.Length + GuardLimits.MaxPart - 1) / GuardLimits.MaxPart);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(parts, GuardLimits.MaxParts, nameof(Files));
        return [.. Enumerable.Range(0, parts).Select(part =>
        {
            int from = part * GuardLimits.MaxPart;
            return new PoliciesFrame(Version, Mode, (ushort)part, (ushort)parts, all.AsMemory(from, Math.Min(GuardLimits.MaxPart, all.Length - from)));
        })];

        void Put(string text, int most)
        {
            byte[] encoded = Encoding.UTF8.GetBytes(text);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(encoded.Length, most, nameof(text));
            writer.Write(encoded.Length);
            writer.Write(encoded);
        }
    }

    /// <summary>Joins frames. They come in their order; a first part throws away what was not complete.</summary>
    public sealed class Joiner
    {
        private readonly List<PoliciesFrame> got = [];

        /// <summary>Takes the next frame.</summary>
        /// <returns>The policies when this was the last part, else null.</returns>
        /// <exception cref="InvalidDataException">The frames do not belong together, or are no policies.</exception>
        public PolicyFiles? Add(PoliciesFrame frame)
        {
            ArgumentNullException.ThrowIfNull(frame);
            if (frame.Part == 0)
            {
                got.Clear();
            }

            FrameReader.Check(
                frame.Part == got.Count && (got.Count == 0 || (got[0].Version == frame.Version && got[0].Parts == frame.Parts && got[0].Mode == frame.Mode)),
                "pieces that do not belong together");
            got.Add(frame);
            if (got.Count < frame.Parts)
            {
                return null;
            }

            byte[] all = new byte[got.Sum(static part => part.Bytes.Length)];
            int at = 0;
            foreach (PoliciesFrame part in got)
            {
                part.Bytes.Span.CopyTo(all.AsSpan(at));
                at += part.Bytes.Length;
            }

            got.Clear();
            return new PolicyFiles(frame.Version, frame.Mode, Read(all));
        }

        private static List<(string Name, string Text)> Read(ReadOnlySpan<byte> bytes)
        {
            FrameReader from = new(bytes);
            List<(string, string)> files = [];
            while (!from.IsAtEnd)
            {
                FrameReader.Check(files.Count < GuardLimits.MaxFiles, "too many policies");
                files.Add((from.LongText(MaxFileName), from.LongText(MaxFileText)));
            }

            return files;
        }
    }
}
