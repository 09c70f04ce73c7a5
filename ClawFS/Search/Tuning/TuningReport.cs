namespace ClawFS.Search;

/// <summary>What one width of search gave.</summary>
/// <param name="EfSearch">The width.</param>
/// <param name="Recall">Share of the ten nearest that were found.</param>
/// <param name="MedianMicroseconds">Of a query, on one thread.</param>
public sealed record TuningRow(int EfSearch, double Recall, double MedianMicroseconds);

/// <summary>What a measurement of the running index gave.</summary>
/// <param name="Vectors">Passages with a vector.</param>
/// <param name="Dimensions">Of a vector.</param>
/// <param name="Queries">Questions asked.</param>
/// <param name="Rows">By growing width, up to a little past the one that was chosen.</param>
/// <param name="Chosen">The least width that reaches the recall; null: none does.</param>
public sealed record TuningReport(int Vectors, int Dimensions, int Queries, IReadOnlyList<TuningRow> Rows, int? Chosen);

/// <summary>Why nothing can be measured, a sentence for the asker.</summary>
public sealed class TuningException(string message) : Exception(message);
