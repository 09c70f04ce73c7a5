using System.Text;
using ClawFS.Linux;

namespace ClawFS.Vfs;

/// <summary>
/// A read-only file whose bytes fs renders. Its size is exact, the bytes are pinned when the file is opened, and its mtime moves only when
/// the bytes are different, so that `find -newer` and backups see real changes.
/// </summary>
public class GeneratedFile : GeneratedNode
{
    private readonly Func<byte[]>? render;
    private readonly long keepMilliseconds;
    private readonly Lock gate = new();
    private NodeShape shape;
    private long renderedAt;
    private bool isRendered;

    /// <summary>Makes a file from a function; it runs at most once in <paramref name="keep"/>.</summary>
    /// <param name="render">The whole content, made anew at each call; must not block and must not change the array later.</param>
    /// <param name="permissions">Permission bits; write bits are meaningless here.</param>
    /// <param name="keep">How long a rendering serves, so that stat, open and read of one program agree; null = 100 ms, infinite = until <see cref="Changed"/>.</param>
    public GeneratedFile(Func<byte[]> render, uint permissions = 0x124, TimeSpan? keep = null) : this(permissions, keep) => this.render = render;

    /// <summary>For files that override <see cref="Render"/>.</summary>
    protected GeneratedFile(uint permissions, TimeSpan? keep = null) : base(FileMode.Regular | permissions)
    {
        TimeSpan time = keep ?? TimeSpan.FromMilliseconds(100);
        keepMilliseconds = time == Timeout.InfiniteTimeSpan ? long.MaxValue : (long)time.TotalMilliseconds;
    }

    /// <summary>Makes a file from a function that gives text; see the constructor.</summary>
    public static GeneratedFile OfText(Func<string> render, uint permissions = 0x124, TimeSpan? keep = null) =>
        new(() => Encoding.UTF8.GetBytes(render()), permissions, keep);

    /// <inheritdoc/>
    protected internal override bool IsTouchable => true;

    /// <summary>The whole content now.</summary>
    protected virtual byte[] Render() => render?.Invoke() ?? [];

    /// <inheritdoc/>
    protected internal override NodeShape Measure()
    {
        lock (gate)
        {
            long now = Environment.TickCount64;
            if (!isRendered || now - renderedAt >= keepMilliseconds)
            {
                byte[] content = Render();
                if (shape.Content is null || !content.AsSpan().SequenceEqual(shape.Content))
                {
                    shape = new((ulong)content.Length, Timestamp.Now, shape.Version + 1, content);
                }
                renderedAt = now;
                isRendered = true;
            }
            return shape;
        }
    }

    /// <inheritdoc/>
    public override void Changed()
    {
        lock (gate)
        {
            isRendered = false;
        }
        base.Changed();
    }

    /// <inheritdoc/>
    protected internal override Errno Open(Request request, int flags, in NodeShape shape, out OpenFile? file)
    {
        file = OpenFlags.Writes(flags) ? null : new PinnedFile(shape.Content ?? []);
        return file is null ? Errno.EACCES : Errno.Ok;
    }
}
