using ClawFS.Linux;
using ClawFS.Vfs;

namespace ClawOS.Security.Trees;

/// <summary>One descriptor on which an approval is answered: each write is an answer, whole, and is refused in write(2).</summary>
internal sealed class ApprovalAnswer(Approvals approvals, ApprovalFile file) : OpenFile
{
    protected override Errno Read(Request request, ulong offset, Span<byte> buffer, out int count)
    {
        count = PinnedFile.Copy(file.Text, offset, buffer);
        return Errno.Ok;
    }

    protected override Errno Write(Request request, ulong offset, ReadOnlySpan<byte> data, out int count)
    {
        bool isYes = Is(data, "yes"u8);
        Errno error = isYes || Is(data, "no"u8) ? approvals.Answer(request, file, isYes) : approvals.Refuse(request, file, data);
        count = error == Errno.Ok ? data.Length : 0;
        return error;
    }

    /// <summary>What a shell's `>` does before it writes.</summary>
    protected override Errno Truncate(Request request, ulong size) => size == 0 ? Errno.Ok : Errno.EINVAL;

    private static bool Is(ReadOnlySpan<byte> data, ReadOnlySpan<byte> word) =>
        data.StartsWith(word) && (data.Length == word.Length || (data.Length == word.Length + 1 && data[^1] == '\n'));
}
