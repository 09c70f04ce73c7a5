using System.Runtime.InteropServices;

namespace Sandbox.Tests;

/// <summary>Runs a few lines of Python in a sandbox, and says by which errno they failed.</summary>
internal static class Attempt
{
    private const string Head = """
        import ctypes, errno, os, signal, socket, stat, sys, time
        libc = ctypes.CDLL(None, use_errno=True)
        def call(number, *arguments):
            ctypes.set_errno(0)
            if libc.syscall(ctypes.c_long(number), *[a if isinstance(a, (bytes, ctypes.Array)) else ctypes.c_long(a) for a in arguments]) < 0:
                raise OSError(ctypes.get_errno(), 'refused')
        try:

        """;

    private const string Tail = """

            print('escaped')
        except OSError as error:
            print(errno.errorcode.get(error.errno, error.errno))
        """;

    /// <summary>The name of the errno, or "escaped".</summary>
    /// <param name="box">Where.</param>
    /// <param name="code">What is tried; WORKSPACE stands for the path of the workspace.</param>
    internal static string In(Box box, string code)
    {
        if (!File.Exists("/usr/bin/python3"))
            Assert.Skip("needs python3: apt-get install python3");
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64)
            Assert.Skip("the numbers of the attempts are those of x86-64");
        string lines = string.Join('\n', code.Replace("WORKSPACE", box.Workspace, StringComparison.Ordinal).Split('\n').Select(line => "    " + line));
        return box.Run("/usr/bin/python3", "-IS", "-c", Head + lines + Tail).Must();
    }
}
