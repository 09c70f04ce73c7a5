using ClawOS.Security.Sandbox;

namespace Sandbox.Tests;

/// <summary>Who the command is: as an ordinary user with nothing but a user namespace, and as root for another user.</summary>
public sealed class UserTests
{
    private const uint Nobody = 65534;
    private static readonly SandboxUser Other = new(Nobody, Nobody, Nobody, Nobody);

    [Fact]
    public void An_ordinary_user_gets_every_layer_too()
    {
        using Box box = AsOther();
        box.User = Other;
        box.Before = ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
        Assert.Equal("65534 65534", box.Run("sh", "-c", "echo $(id -u) $(id -g)").Must());
        box.Run("sh", "-c", "echo mine > a").Must();
        Assert.Equal("mine\n", File.ReadAllText(Path.Combine(box.Workspace, "a")));
        Assert.Equal("ENOENT", Attempt.In(box, "open('/etc/passwd')"));
        Assert.Equal("EROFS", Attempt.In(box, "open('/usr/new', 'w')"));
        Assert.Equal("EPERM", Attempt.In(box, "call(272, 0x10000000)"));
        Assert.Equal("EACCES", Attempt.In(box, "open('/proc/1/mem', 'rb')"));
        Assert.Contains("Seccomp:\t2", box.Run("cat", "/proc/self/status").Must(), StringComparison.Ordinal);
    }

    [Fact]
    public void Root_starts_a_command_as_another_user()
    {
        using Box box = AsOther();
        box.User = new SandboxUser(1000, 1000, Nobody, Nobody);
        Assert.Equal("1000 1000", box.Run("sh", "-c", "echo $(id -u) $(id -g); echo theirs > a").Must());
        Assert.Contains("65534 65534", Outside("stat", "-c", "%u %g", Path.Combine(box.Workspace, "a")), StringComparison.Ordinal);
    }

    [Fact]
    public void An_ordinary_user_cannot_be_another()
    {
        using Box box = AsOther();
        box.User = new SandboxUser(0, 0, 0, 0);
        box.Before = ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
        SandboxResult result = box.Run("true").Result;
        Assert.Equal((SandboxEnd.Refused, LaunchStep.MapUsers), (result.Reason, result.Step));
    }

    private static Box AsOther()
    {
        if (!Environment.IsPrivilegedProcess)
            Assert.Skip("needs root, to become somebody else");
        Box box = new();
        File.SetUnixFileMode(box.Workspace, (UnixFileMode)0b111_111_111);
        return box;
    }

    private static string Outside(string program, params string[] arguments)
    {
        using System.Diagnostics.Process process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        string text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return text;
    }
}
