namespace ClawFS.Search.Lexical;

/// <summary>One different term of a query.</summary>
/// <param name="Term">Its number in the term table.</param>
/// <param name="Weight">How often the query has it, or another factor above 0.</param>
internal readonly record struct QueryTerm(int Term, float Weight);
