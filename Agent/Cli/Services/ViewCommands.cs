using System.Text.Json.Nodes;
using ClawFS.Trees;

namespace ClawOS.Cli.Services;

/// <summary>What sys/ctl understands about views: docs/ipc.md is the table.</summary>
internal sealed class ViewCommands(ViewRoots views)
{
    /// <summary>Adds the command to the service behind sys/ctl.</summary>
    internal void Register(ControlService control) => control
        .Add("view-open", "Publish a sandbox's root at .views/ID until the descriptor is closed: id, grants, launch.", HoldAsync);

    private async Task<JsonObject> HoldAsync(JsonObject request, ControlCall call)
    {
        ViewRequest view = Read(request);
        if (views.Open(view) is { } refusal)
        {
            throw new ControlException(ExitCodes.Usage, refusal);
        }

        try
        {
            call.Progress("open");
            await Task.Delay(Timeout.Infinite, call.Abandoned).ConfigureAwait(false);
            return [];
        }
        finally
        {
            views.Close(view.Id);
        }
    }

    private static ViewRequest Read(JsonObject request)
    {
        try
        {
            return new ViewRequest(
                request["id"]!.GetValue<string>(),
                [.. request["grants"]!.AsArray().Select(static grant => new ViewGrant(grant!["path"]!.GetValue<string>(), grant["folder"]!.GetValue<bool>()))],
                request["launch"]?.GetValue<bool>() ?? false);
        }
        catch (Exception error) when (error is NullReferenceException or InvalidOperationException or FormatException)
        {
            throw new ControlException(ExitCodes.Usage, "a view has \"id\", and \"grants\" with \"path\" and \"folder\" each; \"launch\" is true or false");
        }
    }
}
