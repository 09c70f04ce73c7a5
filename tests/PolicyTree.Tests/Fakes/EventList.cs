using System.Text;
using ClawFS.Vfs;

namespace PolicyTree.Tests.Fakes;

/// <summary>Keeps what is published, as "name outcome uid".</summary>
internal sealed class EventList : FsEventSink
{
    private readonly Lock gate = new();
    private readonly List<string> lines = [];

    public string[] Lines
    {
        get
        {
            lock (gate)
            {
                return [.. lines];
            }
        }
    }

    public override void Publish(in FsEvent e)
    {
        lock (gate)
        {
            lines.Add($"{Encoding.UTF8.GetString(e.Name ?? [])} {e.Outcome} {e.Uid}");
        }
    }
}
