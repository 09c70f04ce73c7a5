namespace ClawFS.Search.Embedder;

/// <summary>How long things may take with an embedder in another process, in milliseconds.</summary>
internal sealed record EmbedderTimes
{
    /// <summary>A worker to be started, and to load its model.</summary>
    public long Start { get; init; } = 180_000;

    /// <summary>A batch of passages: a large model on a slow machine embeds a text in some seconds.</summary>
    public uint Passages { get; init; } = 120_000;

    /// <summary>A question. Whoever asks does not wait as long: a late vector serves the next time.</summary>
    public uint Question { get; init; } = 15_000;

    /// <summary>After its limit a worker must have said that it has failed; else it is silent, and another takes its place.</summary>
    public uint Grace { get; init; } = 5_000;

    /// <summary>For so long it is left alone after a failure, and each time twice as long.</summary>
    public long FirstPause { get; init; } = 1_000;

    /// <summary>But no longer than this, unless it asks for it.</summary>
    public long LongestPause { get; init; } = 300_000;

    /// <summary>One line about failures serves for so long.</summary>
    public long ReportPause { get; init; } = 600_000;
}
