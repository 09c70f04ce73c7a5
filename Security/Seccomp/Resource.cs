namespace ClawOS.Security.Seccomp;

/// <summary>Text files that are part of the assembly.</summary>
internal static class Resource
{
    /// <exception cref="ArgumentException">There is no such file.</exception>
    internal static string Read(string file)
    {
        using Stream stream = typeof(Resource).Assembly.GetManifestResourceStream(file)
            ?? throw new ArgumentException($"no file {file} in the assembly", nameof(file));
        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }
}
