using System.Security.Cryptography;
using System.Text;
using ClawOS.Security.Policy;

namespace ClawOS.Security.AppArmor;

/// <summary>
/// A policy as an AppArmor profile (apparmor.d(5), ABI 3.0), for the paths that the sandbox sees. What a profile does not name is denied: capabilities, mounts,
/// changes of profile, every network but UNIX sockets. A program that is started stays in the profile.
/// </summary>
public sealed class ProfileText
{
    private const int DigestBytes = 6;
    internal const string Prefix = "claw.";

    private readonly string _policy, _body;
    private readonly ProfileMode _mode;

    private ProfileText(string policy, string suffix, ProfileMode mode, string body) => (_policy, Name, _mode, _body) = (policy, $"{Prefix}{policy}.{suffix}", mode, body);

    /// <summary>Its name in the kernel: "claw.POLICY.DIGEST", where equal names are equal profiles, or "claw.POLICY.OWNER", where the profile may be replaced.</summary>
    public string Name { get; }

    /// <summary>The whole text, fit for apparmor_parser.</summary>
    public string Text => $"abi <abi/3.0>,\n\nprofile \"{Name}\" flags=(attach_disconnected{(_mode == ProfileMode.Complain ? ", complain" : "")}) {{\n{_body}}}\n";

    /// <summary>The same profile under the name of whoever loads it.</summary>
    /// <param name="owner">What stands in the place of the digest.</param>
    internal ProfileText For(string owner) => new(_policy, owner, _mode, _body);

    /// <summary>Whether another one of the same policy's name allows the same, whatever the two are called.</summary>
    internal bool IsSameAs(ProfileText other) => (_policy, _mode, _body) == (other._policy, other._mode, other._body);

    /// <summary>Makes the profile of a policy.</summary>
    /// <param name="policy">What is allowed; its hosts and secrets are not reached from a sandbox and give nothing here.</param>
    /// <param name="mode">What happens to what is not allowed.</param>
    /// <param name="approved">The file of a command that needs approval and is launched with it; null: none. No other such file may be executed.</param>
    /// <param name="standIns">Whether the sandbox's view has claw-exec stand in for the other commands that need approval, which is then what is executed at their paths.</param>
    /// <exception cref="ArgumentException">A path is not absolute, or has control characters.</exception>
    public static ProfileText Of(EffectivePolicy policy, ProfileMode mode = ProfileMode.Enforce, string? approved = null, bool standIns = false)
    {
        ArgumentNullException.ThrowIfNull(policy);
        string body = Body(policy, approved, standIns);
        string digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{mode}\n{body}")).AsSpan(0, DigestBytes));
        string name = string.Concat(policy.Name.Select(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' ? character : '_'));
        return new ProfileText(name, digest, mode, body);
    }

    private static string Body(EffectivePolicy policy, string? approved, bool standIns)
    {
        StringBuilder text = new();
        IEnumerable<CommandRule> commands = policy.Commands.Where(command => command.Path == approved || standIns || !policy.NeedsApproval(command.Path));
        foreach (PathRule rule in BaseRules.All.Concat(BaseRules.Above(policy)).Concat(policy.Paths).Concat(PinnedNames.Of(policy)).Concat(commands.Select(CommandFile)))
        {
            foreach (string path in PathText.Of(rule))
            {
                _ = text.Append("  ").Append(rule.IsDenied ? "deny " : "").Append(path).Append(' ').Append(Permissions(rule)).Append(",\n");
            }

            if (PathText.FilesReadToStart(rule) is { } files)
            {
                _ = text.Append("  ").Append(files).Append(" r,\n");
            }
        }

        return text.Append(BaseRules.Others).ToString();
    }

    private static PathRule CommandFile(CommandRule command) => new(command.Path, IsTree: false, PathAccess.Execute, IsDenied: false, command.Source);

    /// <summary>
    /// "write" is w (change, make, rename, remove) and l (another name). Locks (k) go with either, and are denied with both. "execute" is ix, started within the
    /// profile, and m, mapped as code.
    /// </summary>
    private static string Permissions(PathRule rule)
    {
        bool read = rule.Access.HasFlag(PathAccess.Read), write = rule.Access.HasFlag(PathAccess.Write), execute = rule.Access.HasFlag(PathAccess.Execute);
        bool locks = rule.IsDenied ? read && write : read || write;
        return (read ? "r" : "") + (write ? "wl" : "") + (locks ? "k" : "") + (execute ? (rule.IsDenied ? "mx" : "mix") : "");
    }
}

/// <summary>What a profile does with what it does not allow.</summary>
public enum ProfileMode
{
    /// <summary>Denies it, and the kernel logs that.</summary>
    Enforce,

    /// <summary>Lets it pass, and the kernel logs it: to find out what a policy lacks.</summary>
    Complain,
}
