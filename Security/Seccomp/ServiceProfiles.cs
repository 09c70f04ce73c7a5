namespace ClawOS.Security.Seccomp;

/// <summary>The profiles that ClawOS runs its own services under. No policy can name them; docs/seccomp.md says what each allows and why.</summary>
public static class ServiceProfiles
{
    /// <summary>.NET with files, threads and memory: no socket, no other process.</summary>
    public const string Plain = "service";

    /// <summary>As <see cref="Plain"/>, and kernel keys.</summary>
    public const string Fs = "service-fs";

    /// <summary>As <see cref="Plain"/>, and sockets of its own.</summary>
    public const string Network = "service-network";

    /// <summary>Every name that <see cref="Load"/> takes.</summary>
    public static IReadOnlyList<string> Names { get; } = [Plain, Fs, Network];

    /// <summary>Reads a profile.</summary>
    /// <exception cref="ArgumentException">There is none of this name.</exception>
    public static SeccompProfile Load(string name) =>
        Names.Contains(name) ? SeccompProfile.Parse(Resource.Read(name + ".json"), name) : throw new ArgumentException($"no profile of services {name}; there are {string.Join(", ", Names)}", nameof(name));
}
