using ClawFS.Linux;
using ClawOS.Security.GuardLink;

namespace Guard.Tests;

/// <summary>A sandbox with a shell, started at the owner's socket or at that of a view, and its own view.</summary>
internal sealed class StartedRun : IDisposable
{
    private readonly SeqPacketSocket client;

    internal StartedRun(GuardBed bed, string? view = null)
    {
        string[] before = [.. bed.Views.Select(static opened => opened.Id)];
        LaunchOrder order = bed.Order("/bin/bash");
        client = bed.AskAt(view, view is null ? order : order with { Policy = null }, Shell.Streams);
        Shell.HandOver();
        LaunchReply reply = GuardBed.Reply(client);
        Assert.True(reply.Run is not null, reply.Error);
        View = bed.Views.Single(opened => !before.Contains(opened.Id)).Id;
    }

    internal Shell Shell { get; } = new();

    internal string View { get; }

    public void Dispose()
    {
        client.Dispose();
        Shell.Dispose();
    }
}
