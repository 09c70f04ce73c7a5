using ClawFS.Linux;
using Microsoft.Extensions.Logging;

namespace ClawFS.Supervisor;

/// <summary>Every line the supervisor logs, with stable ids.</summary>
internal sealed partial class SupervisorLog(ILogger logger)
{
    private readonly ILogger logger = logger;

    [LoggerMessage(1, LogLevel.Information, "mounted {Mount} from {Store}, fs is {Pid}")]
    internal partial void Mounted(string mount, string store, int pid);

    [LoggerMessage(2, LogLevel.Error, "fs could not start: {Reason}")]
    internal partial void FsRefused(string reason);

    [LoggerMessage(3, LogLevel.Error, "fs ended by itself with code {Code}")]
    internal partial void FsEnded(int code);

    [LoggerMessage(4, LogLevel.Warning, "starting fs again on a new mount")]
    internal partial void FsRestarting();

    [LoggerMessage(13, LogLevel.Warning, "starting fs again on the same mount: programs wait and go on")]
    internal partial void FsTakingOver();

    [LoggerMessage(14, LogLevel.Error, "the connection is aborted, programs that had files open lose them: {Reason}")]
    internal partial void NoTakeOver(string reason);

    [LoggerMessage(15, LogLevel.Warning, "the kernel keeps no keys for the services ({Error}): a killed fs gets its key from the key file, or stays locked")]
    internal partial void NoKernelKeys(Errno error);

    [LoggerMessage(16, LogLevel.Warning, "the key file cannot be opened for the new fs: {Reason}")]
    internal partial void NoKeyFile(string reason);

    [LoggerMessage(17, LogLevel.Warning, "fs serves without a key: stored files answer ENOKEY until claw unlock")]
    internal partial void Locked();

    [LoggerMessage(20, LogLevel.Warning, "{Service} runs without its limits: {Reason}")]
    internal partial void Unhardened(string service, string reason);

    [LoggerMessage(5, LogLevel.Error, "fs is not started again: {Reason}")]
    internal partial void FsGivenUp(string reason);

    [LoggerMessage(6, LogLevel.Warning, "notify ended with code {Code}")]
    internal partial void NotifyEnded(int code);

    [LoggerMessage(18, LogLevel.Warning, "embed ended with code {Code}: fs asks for another when it is worth it")]
    internal partial void EmbedEnded(int code);

    [LoggerMessage(19, LogLevel.Error, "embed could not be started: {Reason}")]
    internal partial void EmbedNotStarted(string reason);

    [LoggerMessage(7, LogLevel.Error, "notify ended too often and is not started again: inotify on generated files is silent")]
    internal partial void NotifyGivenUp();

    [LoggerMessage(20, LogLevel.Error, "guard ended with code {Code}: the sandboxes that it started have ended with it")]
    internal partial void GuardEnded(int code);

    [LoggerMessage(21, LogLevel.Error, "guard ended too often and is not started again: changes of policy do not reach sandboxes that run, and no launch socket answers")]
    internal partial void GuardGivenUp();

    [LoggerMessage(22, LogLevel.Error, "guard could not be started: {Reason}")]
    internal partial void GuardNotStarted(string reason);

    [LoggerMessage(8, LogLevel.Information, "going down: {Why}")]
    internal partial void GoingDown(string why);

    [LoggerMessage(9, LogLevel.Warning, "still in use, so it stays mounted")]
    internal partial void Busy();

    [LoggerMessage(10, LogLevel.Warning, "the connection is aborted although programs use it")]
    internal partial void Forced();

    [LoggerMessage(11, LogLevel.Information, "down")]
    internal partial void Down();

    [LoggerMessage(12, LogLevel.Information, "unmounted by somebody else")]
    internal partial void UnmountedOutside();
}
