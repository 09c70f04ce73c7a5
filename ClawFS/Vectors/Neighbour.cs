namespace ClawFS.Vectors;

/// <summary>One hit of a search.</summary>
/// <param name="Label">The label the vector was added under.</param>
/// <param name="Distance">Its distance from the query in full precision, as <see cref="Metric"/> defines it.</param>
public readonly record struct Neighbour(uint Label, float Distance);
