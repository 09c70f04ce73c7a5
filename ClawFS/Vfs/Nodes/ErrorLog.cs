using System.Text;

namespace ClawFS.Vfs;

/// <summary>
/// The last 32 rejections and faults as text, in the manner of the kernel's tracefs error_log: a bare errno is not enough to mend a file.
/// </summary>
public sealed class ErrorLog
{
    /// <summary>How many entries are kept.</summary>
    public const int Capacity = 32;

    private const int MaxLine = 200;
    private readonly Lock gate = new();
    private readonly Queue<string> entries = new();

    /// <summary>Called after each entry, on the thread that made it.</summary>
    public Action? Added { get; set; }

    /// <summary>All entries ever added.</summary>
    public long Total { get; private set; }

    /// <summary>Adds a rejection with the line it is about and a caret under the column.</summary>
    /// <param name="path">What was written to.</param>
    /// <param name="pid">Who wrote; 0 if fs itself.</param>
    /// <param name="rejection">The reason.</param>
    /// <param name="line">The offending line without its newline; control characters are shown as '?'.</param>
    public void Add(string path, uint pid, Rejection rejection, ReadOnlySpan<byte> line)
    {
        if (rejection.IsSecret)
        {
            Append($"{Header(path, pid)}: {rejection.Reason}\n");
            return;
        }
        if (rejection.Shown is { } lines)
        {
            Append($"{Header(path, pid)}: {rejection.Reason}\n{lines}\n");
            return;
        }
        if (line.IsEmpty)
        {
            // It is about no line: what does not fit, what there are too many of.
            Append($"{Header(path, pid)}: {rejection.Reason}\n");
            return;
        }
        string shown = Printable(line[..Math.Min(line.Length, MaxLine)]);
        string caret = new string(' ', Math.Clamp(rejection.Column, 0, shown.Length)) + "^";
        Append($"{Header(path, pid)}: {rejection.Reason}\n  Command: {shown}\n           {caret}\n");
    }

    /// <summary>Adds a fault that no line caused, such as a block that does not authenticate.</summary>
    public void Add(string path, uint pid, string message) =>
        Append($"{Header(path, pid)}: {Printable(Encoding.UTF8.GetBytes(message))}\n");

    /// <summary>The entries, oldest first.</summary>
    public string Render()
    {
        lock (gate)
        {
            return string.Concat(entries);
        }
    }

    private static string Header(string path, uint pid)
    {
        string where = Printable(Encoding.UTF8.GetBytes(path));
        string who = pid == 0 ? "" : $" (pid {pid})";
        return $"[{DateTime.UtcNow:yyyy-MM-ddTHH:mm:ss.fffZ}] {where}{who}";
    }

    private static string Printable(ReadOnlySpan<byte> text) =>
        string.Concat(Encoding.UTF8.GetString(text).Select(static c => char.IsControl(c) ? '?' : c));

    private void Append(string entry)
    {
        lock (gate)
        {
            if (entries.Count == Capacity)
            {
                entries.Dequeue();
            }
            entries.Enqueue(entry);
            Total++;
        }
        Added?.Invoke();
    }
}
