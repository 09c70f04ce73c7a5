using System.CommandLine;
using ClawOS.Cli.Mounts;
using ClawOS.Security.Policy;

namespace ClawOS.Cli.Policies;

/// <summary>The options of every verb that compiles a policy.</summary>
internal sealed class PolicyOptions
{
    private readonly Option<string?> _workspace = new("--workspace") { Description = "the folder that $WORKSPACE stands for (default: none, shown as /$WORKSPACE)", HelpName = "FOLDER" };
    private readonly Option<bool> _appArmor = new("--apparmor") { Description = "for a kernel with AppArmor, the only layer that enforces patterns of paths" };

    private readonly Option<string?> _mount = new("--mount") { Description = "the mount whose active policies a name means (default: the only one)", HelpName = "DIR" };

    internal PolicyOptions(Verb verb)
    {
        verb.Add(_mount);
        verb.Add(_workspace);
        verb.Add(_appArmor);
    }

    /// <summary>The mount that was named, or null.</summary>
    internal string? MountOf(ParseResult parsed) => parsed.GetValue(_mount);

    internal CompileOptions Read(ParseResult parsed)
    {
        try
        {
            return new CompileOptions
            {
                Workspace = parsed.GetValue(_workspace) is { } folder ? RealPath.Of(folder) : null,
                Layers = parsed.GetValue(_appArmor) ? Layers.Stock | Layers.AppArmor : Layers.Stock,
            };
        }
        catch (ArgumentException error)
        {
            throw new CliException(ExitCodes.Usage, error.Message);
        }
    }
}
