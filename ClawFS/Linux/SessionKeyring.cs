using System.Runtime.ExceptionServices;
using static ClawFS.Linux.KeyCalls;

namespace ClawFS.Linux;

/// <summary>
/// The keyring that a process and what it starts share, and nobody else (session-keyring(7)). It goes with the last of them, however they end, so that
/// no key outlives the processes it is for.
/// </summary>
public static class SessionKeyring
{
    /// <summary>
    /// Leaves the session keyring for a new, empty one without a name: it cannot be joined from outside. The change is the calling thread's; threads and
    /// processes that it starts later inherit it.
    /// </summary>
    /// <param name="error">Why not: EPERM or ENOSYS where a container forbids kernel keys, EDQUOT where the user has too many.</param>
    public static bool TryStart(out Errno error)
    {
        error = Keyctl(KEYCTL_JOIN_SESSION_KEYRING) < 0 ? LinuxException.Last : Errno.Ok;
        return error == Errno.Ok;
    }

    /// <summary>Runs something on a thread outside this session, so that what it starts has no part in it. Without kernel keys there is nothing to be outside of.</summary>
    /// <param name="work">Runs once, before this returns.</param>
    public static T Outside<T>(Func<T> work)
    {
        T? result = default;
        ExceptionDispatchInfo? failure = null;
        Thread apart = new(() =>
        {
            try
            {
                _ = TryStart(out _);
                result = work();
            }
            catch (Exception error)
            {
                failure = ExceptionDispatchInfo.Capture(error);
            }
        });
        apart.Start();
        apart.Join();
        failure?.Throw();
        return result!;
    }
}
