using ClawFS.Vfs;

namespace ClawFS.Search.Tree;

/// <summary>`sys/index/README`.</summary>
internal static class IndexReadme
{
    /// <summary>Makes the file.</summary>
    public static GeneratedFile Build() => GeneratedFile.OfText(static () => Text, keep: Timeout.InfiniteTimeSpan);

    private const string Text = """
        status    how far the index is: its state, files and chunks, which embedder makes the
                  vectors and how many chunks have one; "next" and "percent" while vectors are
                  made anew; "trouble" if the embedder fails
        skipped   files that are not searchable, and why
        params    how the index is made. What is written replaces all of it; what is not
                  written is as by default:

          index=on                       or off: nothing is indexed, searches find nothing
          embedder=lsi                   built in, fitted on this store, no network (default)
          embedder=none                  words only
          embedder=onnx:/FOLDER          a BERT-family model on this machine, no network
          embedder=ollama:MODEL          a server as Ollama; url=http://127.0.0.1:11434
          embedder=openai:MODEL url=URL  a server as OpenAI's; key=/FILE with its key in it
          trust=measured                 what vectors count beside words; or a number 0 to 1
          vectors=resident               or compact: full vectors in the encrypted store alone
          dimensions=256 M=16 efConstruction=200 efSearch=64 maxFileBytes=67108864

        With a server the text of every file under memory/ that can be searched, and every
        question, is sent to it. Searches go on while vectors are made anew.

        """;
}
