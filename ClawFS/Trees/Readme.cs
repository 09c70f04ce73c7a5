using System.Globalization;
using ClawFS.Vfs;

namespace ClawFS.Trees;

/// <summary>`README`: how to use this tree, with commands that run when pasted.</summary>
public static class Readme
{
    /// <summary>The name in the root.</summary>
    public const string FileName = "README";

    /// <summary>Makes the file.</summary>
    /// <param name="mountFolder">Where the tree is mounted, for the examples.</param>
    public static GeneratedFile Build(string mountFolder) =>
        GeneratedFile.OfText(() => string.Format(CultureInfo.InvariantCulture, Text, Quote(mountFolder)), keep: Timeout.InfiniteTimeSpan);

    private static string Quote(string path) =>
        path.All(static c => char.IsAsciiLetterOrDigit(c) || c is '/' or '-' or '_' or '.') ? path : $"'{path.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private const string Text = """
        This is ClawOS. Everything here is a file; use it with the tools you have.
        What is stored is encrypted on disk, contents and names alike.

        memory/    Your files and folders. Make, edit, move and delete as anywhere.
        search/    A question is a folder: ls "search/how do I rotate keys". See search/README.
        policy/    What agents may do: edit active/*.toml; policy/errors says why one is refused.
        approvals/ What waits for your yes: read it, then echo yes or echo no into it; claw approve.
        run/       Sandboxes that run: list; applied says what a changed policy did to them.
        sys/       The state of the file system, one value or table a file.
        events     What happened, one JSON object a line; events.1 is what came before.

        Try:

          cd {0}
          echo "buy milk" > memory/todo.md
          grep -rn milk memory
          cp -r /etc/skel memory/skel && ls -la memory/skel
          tail -n 3 events
          cat sys/health sys/fs/used sys/fs/quota

        To hear of changes:

          inotifywait -m {0}/memory
          tail -f {0}/events

        To see what a policy says:

          grep '^coder ' policy/effective
          exec 3<>policy/explain; echo 'policy=coder open-read /etc/shadow' >&3; cat <&3; exec 3>&-

        To limit the whole store, as its owner (K, M, G and T are powers of 1024):

          echo 10G > {0}/sys/fs/quota
          echo none > {0}/sys/fs/quota

        When a write here is refused, the reason is in sys/errors. sys/ctl takes one JSON
        request a line and answers on the same descriptor:

          exec 3<>{0}/sys/ctl; echo '{{"command":"help"}}' >&3; cat <&3; exec 3>&-

        """;
}
