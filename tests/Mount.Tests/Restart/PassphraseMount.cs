using ClawOS.Mounting;

namespace ClawOS.Mount.Tests.Restart;

/// <summary>A store that a passphrase opens and no key file: what fs needs again after a kill is in the kernel or nowhere.</summary>
internal sealed class PassphraseMount : IDisposable
{
    private readonly TestFolder folder = new();

    public PassphraseMount()
    {
        File.WriteAllText(folder["passphrase"], "a passphrase that is typed\n");
        Claw = new ClawMount();
        Up();
        Fs = new RestartedFs(Claw);
    }

    public ClawMount Claw { get; }

    public RestartedFs Fs { get; }

    public void Up() => Claw.Claw("up", Claw.Mount, "--store", Claw.Store, "--passphrase-file", folder["passphrase"]).Must();

    /// <summary>The file with the passphrase.</summary>
    public string Passphrase => folder["passphrase"];

    /// <summary>How many requests wait in fs, as its metrics say.</summary>
    public int Waiting() => File.ReadLines(Path.Combine(Claw.Mount, "sys/metrics"))
        .Where(line => line.StartsWith("claw_fuse_parked ", StringComparison.Ordinal))
        .Select(line => (int)double.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture))
        .Single();

    public ProgramResult Unlock() => Claw.Claw("unlock", Claw.Mount, "--passphrase-file", folder["passphrase"]);

    public void Dispose()
    {
        Claw.Dispose();
        folder.Dispose();
    }
}
