using System.Diagnostics;

namespace Sandbox.Tests;

/// <summary>Processes of the machine, found by a word of their command line that only one test uses.</summary>
internal static class Processes
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    internal static int WithArgument(string word) => Directory.EnumerateDirectories("/proc")
        .Where(folder => char.IsAsciiDigit(Path.GetFileName(folder)[0]))
        .Count(folder => CommandLine(folder) is ["sleep", var argument] && argument == word);

    internal static void WaitFor(string word, Predicate<int> isEnough) => WaitUntil(() => isEnough(WithArgument(word)), $"{WithArgument(word)} processes with {word}");

    /// <summary>Waits until a process has a child that has a child.</summary>
    internal static void WaitForChild(int id) => WaitUntil(() => Children(id).Any(child => Children(child).Length > 0), $"{id} has no grandchild");

    private static int[] Children(int id)
    {
        try
        {
            return [.. File.ReadAllText($"/proc/{id}/task/{id}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)];
        }
        catch (IOException)
        {
            return []; // It has ended.
        }
    }

    private static string[] CommandLine(string folder)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, "cmdline")).Split('\0', StringSplitOptions.RemoveEmptyEntries);
        }
        catch (IOException)
        {
            return []; // It has ended.
        }
    }

    private static void WaitUntil(Func<bool> isSo, string otherwise)
    {
        Stopwatch time = Stopwatch.StartNew();
        while (!isSo())
        {
            Assert.True(time.Elapsed < Patience, otherwise);
            Thread.Yield();
        }
    }
}
