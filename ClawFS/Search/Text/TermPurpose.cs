namespace ClawFS.Search.Text;

/// <summary>What terms are read for. Only text without spaces between words differs.</summary>
internal enum TermPurpose
{
    /// <summary>To be found: pairs of ideographs and each of them alone.</summary>
    Index,

    /// <summary>To find: pairs only, one character only where it stands alone.</summary>
    Query,
}
