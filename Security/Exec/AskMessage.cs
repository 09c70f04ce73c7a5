using System.Text;
using System.Text.Unicode;

namespace ClawOS.Security.Exec;

/// <summary>The request of a stand-in, as docs/ipc.md has it.</summary>
internal static class AskMessage
{
    /// <summary>Bytes of a message.</summary>
    internal const int Most = 64 * 1024;

    /// <summary>Makes it.</summary>
    /// <param name="command">The command in whose place this program stands: what is asked for, whatever the caller has put into argv[0].</param>
    /// <param name="folder">Receives the working folder that is named in it; null where the command gets a scratch folder of its own, as its caller has one.</param>
    /// <returns>Null where something is no UTF-8, or it is longer than <see cref="Most"/>.</returns>
    internal static byte[]? Of(byte[] command, out byte[]? folder)
    {
        folder = AskFiles.Folder();
        if (AskFiles.Arguments() is not { Count: > 0 } arguments || AskFiles.Environment() is not { } environment)
        {
            return null;
        }

        arguments[0] = command;
        using MemoryStream to = new();
        to.Write("{\"launch\":{\"command\":["u8);
        bool isText = TryList(to, arguments);
        to.WriteByte((byte)']');
        if (folder is not null && folder.AsSpan().SequenceEqual("/tmp"u8))
        {
            folder = null;
        }

        if (folder is not null)
        {
            to.Write(",\"folder\":"u8);
            isText &= TryText(to, folder);
        }

        to.Write(",\"environment\":{"u8);
        isText &= TryVariables(to, environment);
        to.Write("}}}"u8);
        return isText && to.Length <= Most ? to.ToArray() : null;
    }

    private static bool TryList(MemoryStream to, List<byte[]> texts)
    {
        bool isText = true;
        for (int i = 0; i < texts.Count; i++)
        {
            if (i > 0)
            {
                to.WriteByte((byte)',');
            }

            isText &= TryText(to, texts[i]);
        }

        return isText;
    }

    /// <summary>Without what a shell keeps there for itself, which is about the caller.</summary>
    private static bool TryVariables(MemoryStream to, List<byte[]> environment)
    {
        bool isText = true, isFirst = true;
        foreach (byte[] variable in environment)
        {
            int sign = variable.AsSpan().IndexOf((byte)'=');
            if (sign < 1 || IsShells(variable.AsSpan(0, sign)))
            {
                continue;
            }

            if (!isFirst)
            {
                to.WriteByte((byte)',');
            }

            isFirst = false;
            isText &= TryText(to, variable.AsSpan(0, sign));
            to.WriteByte((byte)':');
            isText &= TryText(to, variable.AsSpan(sign + 1));
        }

        return isText;
    }

    private static bool IsShells(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("_"u8) || name.SequenceEqual("PWD"u8) || name.SequenceEqual("OLDPWD"u8) || name.SequenceEqual("SHLVL"u8);

    private static bool TryText(MemoryStream to, ReadOnlySpan<byte> text)
    {
        const int FirstPrintable = 0x20;
        to.WriteByte((byte)'"');
        foreach (byte letter in text)
        {
            if (letter is (byte)'"' or (byte)'\\')
            {
                to.WriteByte((byte)'\\');
            }

            if (letter < FirstPrintable)
            {
                to.Write(Encoding.ASCII.GetBytes($"\\u{(int)letter:x4}"));
            }
            else
            {
                to.WriteByte(letter);
            }
        }

        to.WriteByte((byte)'"');
        return Utf8.IsValid(text);
    }
}
