using ClawOS.Security.Policy;
using ClawOS.Security.Seccomp;

namespace ClawOS.Security.Sandbox.Learning;

/// <summary>A policy that was learned: it has been read back and compiled, so that <c>claw policy check</c> accepts it.</summary>
public sealed class LearnedPolicy
{
    internal LearnedPolicy(string text, EffectivePolicy policy, SeccompProfile profile) => (Text, Policy, Profile) = (text, policy, profile);

    /// <summary>The file, TOML with a comment for each line.</summary>
    public string Text { get; }

    /// <summary>What it comes to in the workspace that it was learned in.</summary>
    public EffectivePolicy Policy { get; }

    /// <summary>The smallest profile of system calls that the recorded runs get by with, in the OCI format; where <see cref="Text"/> says which calls are left, the same.</summary>
    public string ProfileText => Profile.ToJson();

    /// <summary>How many calls that profile allows.</summary>
    public int AllowedCalls => Profile.Allowed(System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture).Count;

    internal SeccompProfile Profile { get; }
}
