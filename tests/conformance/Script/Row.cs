namespace ClawOS.Conformance.Script;

/// <summary>One row of a table: a sentence and the steps that prove it.</summary>
/// <param name="Table">File name of the table without its ending.</param>
/// <param name="Line">Line of the row's title in the file, from 1.</param>
/// <param name="Title">The sentence.</param>
/// <param name="Steps">The steps, separated by semicolons.</param>
public sealed record Row(string Table, int Line, string Title, string Steps)
{
    public string Key => $"{Table}:{Line} {Title}";
}
