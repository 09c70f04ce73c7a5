using ClawFS.Linux;
using ClawOS.Cli.Terminal;
using ClawOS.Security.Guard;
using ClawOS.Security.GuardLink;
using ClawOS.Security.Sandbox.Asking;

namespace ClawOS.Cli.Sandboxes;

/// <summary>Asks the owner, through guard, about system calls of a sandbox that `claw run` started.</summary>
internal static class CallQuestion
{
    internal static Func<AskedCall, CancellationToken, Task> For(string mount, string policy) => (call, gone) => Task.Factory.StartNew(() => Ask(mount, policy, call, gone), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static void Ask(string mount, string policy, AskedCall call, CancellationToken gone)
    {
        try
        {
            using AskedOwner asked = AskedOwner.Ask(mount, CallCard.Fields(policy, call), question: CallCard.QuestionOf(call));
            Out.Warn($"run: {call.Name} waits for your yes: claw approve {asked.Id} (in another terminal)");
            if (asked.Wait(gone) == ApprovalOutcome.Accepted)
            {
                asked.Use(call.Let());
            }
        }
        catch (LinuxException error)
        {
            Out.Warn($"run: {call.Name} is refused: the guard of {mount} cannot be asked: {error.Message}");
        }
        catch (IOException error)
        {
            Out.Warn($"run: {call.Name} is refused: {error.Message}");
        }
    }
}
