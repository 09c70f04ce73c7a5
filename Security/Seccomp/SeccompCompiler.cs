using System.Runtime.InteropServices;
using ClawOS.Security.Seccomp.Bpf;

namespace ClawOS.Security.Seccomp;

/// <summary>
/// Turns a profile into a filter for seccomp(2). The filter ends the process for a call of another architecture or of x32: their numbers mean other calls.
/// A call that is decided by its number alone is decided by architecture and number alone, with instructions that the kernel can evaluate
/// beforehand (seccomp_is_const_allow in kernel/seccomp.c): such a call, if allowed, never runs the filter.
/// </summary>
public static class SeccompCompiler
{
    /// <summary>What happens to a call of another architecture or ABI, whatever the profile says.</summary>
    public static FilterAction Foreign { get; } = FilterAction.Of(ActionKind.KillProcess);

    /// <summary>The filter of a profile for one architecture.</summary>
    /// <returns>struct sock_filter[]: 8 bytes an instruction, little-endian, at most 4096 instructions.</returns>
    /// <exception cref="PlatformNotSupportedException">There is no table for the architecture.</exception>
    /// <exception cref="SeccompException">The profile does not list the architecture, or needs too many instructions.</exception>
    public static byte[] Compile(SeccompProfile profile, Architecture architecture)
    {
        SyscallTable table = SyscallTable.For(architecture);
        if (!profile.Architectures.Contains(architecture))
        {
            throw new SeccompException($"profile {profile.Name} is not made for {table.ProfileName}");
        }

        ProgramBuilder program = new();
        Target kill = Target.Return(Foreign);
        Target root = NumberTree.Add(program, NumberRun.All(Answers(program, profile, table), Target.Return(profile.DefaultAction)));
        if (table.OtherAbi is { } otherAbi)
        {
            root = program.Compare(Instruction.JumpIfAtLeast, otherAbi, kill, root);
        }

        program.Adjoin(root);
        root = program.Load(SeccompData.Number);
        program.Compare(Instruction.JumpIfEqual, table.AuditArchitecture, root, kill);
        program.Load(SeccompData.Architecture);
        return program.ToBytes();
    }

    /// <summary>The answer to each call that a group names. Calls with the same groups share one chain.</summary>
    private static List<(int Number, Target Answer)> Answers(ProgramBuilder program, SeccompProfile profile, SyscallTable table)
    {
        Dictionary<string, Target> chains = [];
        List<(int, Target)> answers = [];
        foreach ((string name, List<int> places) in profile.GroupsByName())
        {
            if (table.TryGetNumber(name, out int number))
            {
                string key = string.Join(' ', places);
                if (!chains.TryGetValue(key, out Target chain))
                {
                    chain = chains[key] = ArgumentChain.Add(program, [.. places.Select(place => profile.Groups[place])], profile.DefaultAction);
                }

                answers.Add((number, chain));
            }
        }

        return answers;
    }
}
