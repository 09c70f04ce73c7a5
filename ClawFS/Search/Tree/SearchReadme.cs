using System.Globalization;
using ClawFS.Vfs;

namespace ClawFS.Search.Tree;

/// <summary>`search/README`.</summary>
internal static class SearchReadme
{
    /// <summary>Makes the file.</summary>
    /// <param name="mountFolder">Where the tree is mounted.</param>
    public static GeneratedFile Build(string mountFolder) =>
        GeneratedFile.OfText(() => string.Format(CultureInfo.InvariantCulture, Text, mountFolder), keep: Timeout.InfiniteTimeSpan);

    private const string Text = """
        A folder here is a question: look it up by the words you search for.

          ls   "{0}/search/how do I rotate credentials"
          cat  "{0}/search/how do I rotate credentials/results.tsv"
          cat  {0}/search/rotate\ credentials/01-*

        Hits are the whole files, the best first; getfattr -d shows score, path, lines and
        sha256 of each. Filters are words, too:

          path:projects/x   type:md   tag:work   after:2026-01-01   before:2026-06
          "an exact phrase"   -unwanted

        A name has no slash, so path: goes on with folders:
          cat "{0}/search/keys path:projects/x/results.tsv"

        Long questions, and others that are no file name (the question goes with descriptor 3):

          exec 3<{0}/search/new; read n <&3
          cat question.txt > {0}/search/$n/query
          echo "k=50 mode=words" > {0}/search/$n/opts
          cat {0}/search/$n/results.tsv; exec 3<&-

        A standing query is a folder in saved/; what it finds first is not new, what comes
        among its hits later is told once, in events and to who watches:

          mkdir {0}/search/saved/keys
          echo "rotate credentials type:md" > {0}/search/saved/keys/query
          echo "k=10 mode=words" > {0}/search/saved/keys/opts
          inotifywait -m {0}/search/saved/keys
          grep '"event":"hit"' {0}/events
          ls {0}/search/saved/keys/hits; rmdir {0}/search/saved/keys

        How far the index is: {0}/sys/index/status.

        """;
}
