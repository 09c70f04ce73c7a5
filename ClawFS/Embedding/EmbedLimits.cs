using ClawFS.Linux;

namespace ClawFS.Embedding;

/// <summary>What either side may send at most; docs/embed-protocol.md is the table. Both sides check what they get.</summary>
public static class EmbedLimits
{
    /// <summary>Version of the protocol.</summary>
    public const ushort Version = 1;

    /// <summary>Longest frame in bytes.</summary>
    public const int MaxFrame = MessageChannel.MaxMessage;

    /// <summary>Texts of one batch.</summary>
    public const int MaxTexts = 32;

    /// <summary>Bytes of one text in UTF-8; a longer one is cut by whoever asks.</summary>
    public const int MaxText = 16 * 1024;

    /// <summary>Fewest numbers of a vector.</summary>
    public const int LeastDimensions = 2;

    /// <summary>Most numbers of a vector.</summary>
    public const int MostDimensions = 4096;

    /// <summary>Bytes of the name of a model, and of each setting.</summary>
    public const int MaxName = 2048;

    /// <summary>Bytes of a reason, which is one line.</summary>
    public const int MaxReason = 512;

    /// <summary>Milliseconds that a batch may be given, and that a worker may ask to be left alone.</summary>
    public const uint MaxMilliseconds = 3_600_000;

    /// <summary>Batches under way at once: one of passages and some questions.</summary>
    public const int MaxUnderWay = 64;
}
