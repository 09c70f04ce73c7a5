namespace ClawFS.Trees;

/// <summary>What a metric's number means to Prometheus.</summary>
public enum MetricKind
{
    /// <summary>Goes up and down.</summary>
    Gauge,
    /// <summary>Only grows until fs ends; its name ends in _total.</summary>
    Counter,
}

/// <summary>One number of a metric.</summary>
/// <param name="Value">The number.</param>
/// <param name="Labels">Pairs that tell it from its siblings; none for a metric with one number.</param>
public readonly record struct Sample(double Value, params (string Name, string Value)[] Labels);

/// <summary>One metric with its samples.</summary>
/// <param name="Name">[a-zA-Z_:][a-zA-Z0-9_:]*, with the unit at the end ("claw_store_used_bytes").</param>
/// <param name="Help">One sentence.</param>
/// <param name="Kind">Gauge or counter.</param>
/// <param name="Samples">The numbers.</param>
public sealed record Metric(string Name, string Help, MetricKind Kind, params Sample[] Samples);
