using System.Runtime.InteropServices;

namespace ClawOS.Mounting.Posix;

/// <summary>Who asks: uid, gid and supplementary groups.</summary>
public sealed record Identity(uint Uid, uint Gid, params uint[] Groups)
{
    // Numbers of setresuid, setresgid, setgroups (arch/*/include/.../unistd*.h).
    private static readonly (long Uid, long Gid, long Groups) Numbers =
        RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? (147, 149, 159) : (117, 119, 116);

    private const int CloneFs = 0x200;

    /// <summary>
    /// Runs <paramref name="action"/> on a thread of its own with its own working folder and umask, and with this identity when
    /// given. Credentials belong to the thread, so nothing has to be undone: the thread ends.
    /// </summary>
    public static void OnOwnThread(Identity? identity, Action action)
    {
        Exception? failure = null;
        Thread thread = new(() =>
        {
            try
            {
                Reply.Of(Native.Unshare(CloneFs)).Must("unshare");
                identity?.Take();
                action();
            }
            catch (Exception e)
            {
                failure = e;
            }
        }, 512 * 1024);
        thread.Start();
        thread.Join();
        if (failure is not null)
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
    }

    private void Take()
    {
        Reply.Of(Native.SysCall(Numbers.Groups, Groups.Length, Groups)).Must("setgroups");
        Reply.Of(Native.SysCall(Numbers.Gid, Gid, Gid, Gid)).Must("setresgid");
        Reply.Of(Native.SysCall(Numbers.Uid, Uid, Uid, Uid)).Must("setresuid");
    }
}
