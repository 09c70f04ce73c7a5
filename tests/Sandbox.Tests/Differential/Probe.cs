using ClawOS.Security.Sandbox;

namespace Sandbox.Tests.Differential;

/// <summary>A program in a sandbox that does what it is asked, and says of each act whether the kernel let it.</summary>
internal static class Probe
{
    /// <summary>What the probe says of an act that was done.</summary>
    internal const string Done = "done";

    // Acts in the order of the enumeration. Nothing is written; what is made is left for the tree to be restored.
    private const string Code = """
        import errno, os, sys
        def start(path):
            status = os.waitpid(os.posix_spawn(path, [path], {}), 0)[1]
            if status: raise OSError(errno.ENOEXEC, 'ended with %d' % status)
        acts = [lambda p: os.close(os.open(p, os.O_RDONLY)), os.listdir, lambda p: os.close(os.open(p, os.O_WRONLY)), lambda p: os.close(os.open(p, os.O_WRONLY | os.O_CREAT | os.O_EXCL)), start]
        for line in sys.stdin:
            act, path = line.rstrip('\n').split(' ', 1)
            try:
                acts[int(act)](path)
                print('done')
            except OSError as error:
                print(errno.errorcode[error.errno])
        """;

    /// <summary>Asks all questions in one sandbox.</summary>
    /// <returns>For each "done", or the name of the errno.</returns>
    internal static string[] Ask(Box box, SandboxPlan plan, IReadOnlyList<Asked> questions)
    {
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllLines(file, questions.Select(asked => $"{(int)asked.Act} {asked.Path}"));
            using Microsoft.Win32.SafeHandles.SafeFileHandle input = File.OpenHandle(file);
            string[] answers = box.Run(plan, input).Must().Split('\n');
            Assert.Equal(questions.Count, answers.Length);
            return answers;
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>The command that a plan for a probe runs.</summary>
    internal static string[] Command => ["/usr/bin/python3", "-IS", "-c", Code];
}
