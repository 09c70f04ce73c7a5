using ClawFS.Linux;

namespace ClawOS.Security.Cgroups;

/// <summary>Reads and writes of control-group files whose refusals say what would help.</summary>
internal static class GroupFile
{
    internal static string Read(string file)
    {
        try
        {
            return ControlFile.ReadAll(file);
        }
        catch (LinuxException refusal)
        {
            throw CgroupException.From(refusal, file);
        }
    }

    /// <summary>The text, or null where this kernel has no such file.</summary>
    internal static string? TryRead(string file)
    {
        try
        {
            return ControlFile.ReadAll(file);
        }
        catch (LinuxException refusal) when (refusal.Error is Errno.ENOENT or Errno.EOPNOTSUPP)
        {
            return null;
        }
        catch (LinuxException refusal)
        {
            throw CgroupException.From(refusal, file);
        }
    }

    internal static void Write(string file, string text)
    {
        try
        {
            ControlFile.Write(file, text);
        }
        catch (LinuxException refusal)
        {
            throw CgroupException.From(refusal, file);
        }
    }

    /// <returns>False where this kernel has no such file.</returns>
    internal static bool TryWrite(string file, string text)
    {
        if (!File.Exists(file))
            return false;
        Write(file, text);
        return true;
    }

    /// <summary>Runs a parser; what it does not understand is told with the file.</summary>
    internal static T Understand<T>(string file, string text, Func<string, T> parse)
    {
        try
        {
            return parse(text);
        }
        catch (FormatException problem)
        {
            throw CgroupException.NotUnderstood(file, problem);
        }
    }
}
