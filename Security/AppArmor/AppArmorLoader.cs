namespace ClawOS.Security.AppArmor;

/// <summary>The kernel's AppArmor, as far as loading goes. Needs the right to administer it (CAP_MAC_ADMIN, in the first user namespace).</summary>
public sealed class AppArmorLoader
{
    private const string Modules = "sys/kernel/security/lsm", Folder = "sys/kernel/security/apparmor", BuiltIn = "sys/module/apparmor";
    private readonly string _root;

    /// <param name="root">Where the kernel's files are; "/" but in tests.</param>
    public AppArmorLoader(string root = "/") => _root = root;

    /// <summary>Why profiles cannot be loaded from here; null when they can.</summary>
    public string? WhyNot()
    {
        string[]? modules = Read(Modules)?.Split(',');
        return modules is null && !Directory.Exists(Path.Combine(_root, BuiltIn)) ? "this kernel was built without AppArmor"
            : modules is null ? "/sys/kernel/security is not mounted, or cannot be read"
            : !modules.Contains("apparmor") ? $"AppArmor is not among the security modules of this kernel ({string.Join(',', modules)})"
            : !File.Exists(At(".replace")) ? $"/{Folder}/.replace is not there: AppArmor is switched off, or this is another user namespace"
            : null;
    }

    /// <summary>The profiles in the kernel, by name, each with its mode ("enforce", "complain").</summary>
    /// <exception cref="AppArmorException">The list cannot be read.</exception>
    public IReadOnlyDictionary<string, string> Loaded()
    {
        Dictionary<string, string> loaded = [];
        foreach (string line in (Read(Path.Combine(Folder, "profiles")) ?? throw new AppArmorException($"/{Folder}/profiles: cannot be read; root may")).Split('\n'))
        {
            // "NAME (enforce)"; a name may have spaces and brackets.
            int mode = line.LastIndexOf(" (", StringComparison.Ordinal);
            if (mode > 0 && line.EndsWith(')'))
            {
                loaded[line[..mode]] = line[(mode + 2)..^1];
            }
        }

        return loaded;
    }

    /// <summary>Loads profiles; those of the same names are replaced, for processes that run in them too.</summary>
    /// <param name="compiled">What <see cref="ProfileCompiler"/> made.</param>
    /// <exception cref="AppArmorException">The kernel refuses.</exception>
    public void Load(ReadOnlySpan<byte> compiled) => Write(".replace", compiled);

    /// <summary>Removes a profile; processes in it go on without one.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="AppArmorException">The kernel refuses, or there is none.</exception>
    public void Remove(string name) => Write(".remove", [.. System.Text.Encoding.UTF8.GetBytes(name), 0]);

    /// <summary>The kernel takes one write as one request.</summary>
    private void Write(string file, ReadOnlySpan<byte> bytes)
    {
        try
        {
            using Microsoft.Win32.SafeHandles.SafeFileHandle handle = File.OpenHandle(At(file), FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            RandomAccess.Write(handle, bytes, 0);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new AppArmorException($"/{Folder}/{file}: {error.Message}");
        }
    }

    private string At(string file) => Path.Combine(_root, Folder, file);

    private string? Read(string file)
    {
        try
        {
            return File.ReadAllText(Path.Combine(_root, file)).Trim();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
