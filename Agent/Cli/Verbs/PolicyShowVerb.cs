using System.CommandLine;
using ClawOS.Cli.Policies;
using ClawOS.Security.Policy;

namespace ClawOS.Cli.Verbs;

/// <summary>claw policy show: the text of a policy as it was written.</summary>
internal static class PolicyShowVerb
{
    internal static Command Build()
    {
        Verb verb = new("show", "Print the text of a policy, comments included.", "claw policy show coder", "claw policy show --shipped coder > /claw/policy/active/coder.toml");
        Argument<string> named = new("POLICY") { Description = NamedPolicy.Help };
        Option<bool> shipped = new("--shipped") { Description = "the one of this name that comes with claw, whatever is mounted" };
        verb.Add(named);
        verb.Add(shipped);
        Option<string?> mount = new("--mount") { Description = "the mount whose active policies a name means (default: the only one)", HelpName = "DIR" };
        verb.Add(mount);
        verb.SetAction(parsed =>
        {
            string name = parsed.GetValue(named)!;
            using Stream output = Console.OpenStandardOutput();
            output.Write(parsed.GetValue(shipped) ? ShippedText(name) : TextOf(NamedPolicy.Find(name, parsed.GetValue(mount))));
            return ExitCodes.Ok;
        });
        return verb;
    }

    private static byte[] TextOf(NamedPolicy policy) => File.Exists(policy.Origin) ? File.ReadAllBytes(policy.Origin) : ShippedText(policy.Name);

    private static byte[] ShippedText(string name) =>
        PolicySet.ShippedTexts().FirstOrDefault(text => text.Name == name).Text
        ?? throw new CliException(ExitCodes.NotFound, $"{name}: does not come with claw; there are {string.Join(", ", PolicySet.Shipped.Names)}");
}
