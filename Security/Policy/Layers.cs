namespace ClawOS.Security.Policy;

/// <summary>What enforces a rule.</summary>
[Flags]
public enum Layers
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The mounts of the sandbox: what is not granted is not there, what is denied is covered.</summary>
    View = 1,

    /// <summary>Landlock, in the kernel, on every open and every start of a program.</summary>
    Landlock = 2,

    /// <summary>The filter of system calls.</summary>
    Seccomp = 4,

    /// <summary>A network namespace with nothing in it.</summary>
    Network = 8,

    /// <summary>Control groups.</summary>
    Cgroup = 16,

    /// <summary>Whoever starts the sandbox: compares the command, sets resource limits, ends it in time.</summary>
    Launch = 32,

    /// <summary>The proxy, the only way out; it also puts secrets in.</summary>
    Egress = 64,

    /// <summary>Whoever asks models on the agent's behalf.</summary>
    Model = 128,

    /// <summary>AppArmor, where the kernel has it: the only layer that knows patterns of paths.</summary>
    AppArmor = 256,

    /// <summary>The owner, who is asked each time and whose yes is waited for.</summary>
    Approval = 512,

    /// <summary>All that need no more than a stock kernel.</summary>
    Stock = View | Landlock | Seccomp | Network | Cgroup | Launch | Egress | Model | Approval,
}

/// <summary>Layers as texts.</summary>
public static class LayersText
{
    /// <summary>"view+landlock": names in small letters, in the order of the enumeration.</summary>
    /// <param name="layers">Any of them; none gives "none".</param>
    public static string ToText(this Layers layers) => layers.ToString().Replace(", ", "+", StringComparison.Ordinal).ToLowerInvariant();
}
