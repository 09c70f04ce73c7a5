using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ClawFS.Linux;

namespace ClawOS.Cli.Mounts;

/// <summary>
/// Asks a running fs through sys/ctl of its mount: one JSON object out, lines with "progress" back, then one without. Whoever
/// may open that file may ask; that is the owner.
/// </summary>
internal sealed class FsControl(KnownMount mount)
{
    /// <summary>Sends a command that holds something for as long as its descriptor is open, and works meanwhile.</summary>
    /// <param name="request">An object with "command".</param>
    /// <param name="whileHeld">Runs once fs holds it; gets what fs said.</param>
    /// <exception cref="CliException">fs refused; the code is the answer's.</exception>
    internal async Task HoldAsync(JsonObject request, Action<JsonObject> whileHeld)
    {
        bool held = false;
        try
        {
            await AskAsync(request, line =>
            {
                held = true;
                whileHeld(JsonNode.Parse(line)!.AsObject());
                throw new OperationCanceledException("the work is done; closing the descriptor lets go");
            });
        }
        catch (OperationCanceledException) when (held)
        {
            // AskAsync has closed the descriptor on its way out.
        }
    }

    /// <summary>Sends a command and waits for its answer.</summary>
    /// <param name="request">An object with "command".</param>
    /// <param name="progress">Told each progress line.</param>
    /// <returns>The last line.</returns>
    /// <exception cref="CliException">fs refused; the code is the answer's.</exception>
    internal async Task<JsonObject> AskAsync(JsonObject request, Action<string>? progress = null)
    {
        try
        {
            using FileStream channel = new(
                Path.Combine(mount.MountPoint, "sys/ctl"),
                new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite, BufferSize = 0 });
            await channel.WriteAsync(Encoding.UTF8.GetBytes(request.ToJsonString() + "\n"));
            using StreamReader reader = new(channel);
            while (await reader.ReadLineAsync() is { } line)
            {
                JsonObject answer = JsonNode.Parse(line)!.AsObject();
                if (answer["progress"]?.GetValue<string>() is { } step)
                {
                    progress?.Invoke(step);
                    continue;
                }

                return answer["error"]?.GetValue<string>() is { } error
                    ? throw new CliException(answer["code"]?.GetValue<int>() ?? ExitCodes.Failed, error)
                    : answer;
            }
        }
        catch (UnauthorizedAccessException)
        {
            throw new CliException(ExitCodes.Failed, $"{mount.MountPoint}/sys/ctl: only the owner of the mount may ask; use sudo");
        }
        catch (IOException error) when (error.HResult == (int)Errno.EROFS)
        {
            throw new CliException(ExitCodes.Failed, $"{mount.MountPoint}: is mounted read-only and takes no commands; claw down {mount.MountPoint} first");
        }
        catch (IOException error) when (error.HResult == (int)Errno.EHOSTDOWN)
        {
            throw new CliException(ExitCodes.Failed, $"{mount.MountPoint}/sys/ctl: fs died before it answered and another one goes on; whether it was done is not known, ask again");
        }
        catch (JsonException error)
        {
            throw new CliException(ExitCodes.Failed, $"{mount.MountPoint}/sys/ctl: answered what is no JSON ({error.Message})");
        }

        throw new CliException(ExitCodes.Failed, $"{mount.MountPoint}/sys/ctl: no answer; claw status tells whether fs runs");
    }
}
