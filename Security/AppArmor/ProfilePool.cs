using System.Globalization;
using ClawOS.Security.Policy;

namespace ClawOS.Security.AppArmor;

/// <summary>
/// The profiles that this process has loaded, one a sandbox, so that each can change with its policy. Compiling one takes some milliseconds: a few that nobody uses any more are kept
/// for the next sandbox that wants the same text. Safe for several threads.
/// </summary>
public sealed class ProfilePool : IDisposable
{
    private const int AdministersModules = 33; // CAP_MAC_ADMIN
    private const int CompileSeconds = 5; // Somebody waits for a start.
    private const string WholeMachine = "0 0 4294967295";

    private readonly AppArmorLoader _loader;
    private readonly ProfileOwner _owner;
    private readonly Func<string, byte[]> _compile;
    private readonly int _kept;
    private readonly Lock _gate = new();
    private readonly List<ProfileText> _idle = [];
    private int _made;
    private bool _isOver;

    internal ProfilePool(string root, int kept, Func<string, byte[]> compile)
    {
        (_loader, _owner, _kept, _compile) = (new AppArmorLoader(root), new ProfileOwner(root), kept, compile);
        Sweep();
    }

    /// <summary>Opens this machine's AppArmor, and removes what dead processes have left there.</summary>
    /// <param name="kept">How many profiles that nobody uses are kept.</param>
    /// <returns>Null where this process cannot load profiles; <see cref="WhyNot"/> says why.</returns>
    public static ProfilePool? TryOpen(int kept = 0) => WhyNot() is null ? new ProfilePool("/", kept, static text => ProfileCompiler.Compile(text, CompileSeconds)) : null;

    /// <summary>Why this process cannot load profiles; null when it can.</summary>
    public static string? WhyNot() => WhyNotAt("/") ?? (ProfileCompiler.Program is null ? "the kernel has AppArmor, apparmor_parser is not installed" : null);

    /// <summary>A loaded profile of a policy, for one sandbox.</summary>
    /// <param name="policy">What is allowed.</param>
    /// <param name="approved">The file of a command that needs approval and is launched with it; null: none.</param>
    /// <param name="standIns">Whether claw-exec stands in for the other commands that need approval.</param>
    /// <exception cref="AppArmorException">The kernel or apparmor_parser refuses.</exception>
    public LoadedProfile Take(EffectivePolicy policy, string? approved = null, bool standIns = false)
    {
        ProfileText wanted = ProfileText.Of(policy, approved: approved, standIns: standIns);
        ProfileText? kept;
        int number;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isOver, this);
            kept = _idle.Find(wanted.IsSameAs);
            _ = kept is not null && _idle.Remove(kept);
            number = kept is null ? ++_made : 0;
        }

        if (kept is not null)
        {
            if (!IsLoaded(kept.Name))
            {
                Load(kept); // Somebody has removed it, or made it one that only complains.
            }

            return new LoadedProfile(this, kept, approved, standIns);
        }

        ProfileText text = wanted.For($"{_owner.This}-{number.ToString(CultureInfo.InvariantCulture)}");
        Load(text);
        return new LoadedProfile(this, text, approved, standIns);
    }

    /// <summary>The same, where a policy can do without: none of its rules needs AppArmor.</summary>
    /// <param name="policy">What is allowed.</param>
    /// <param name="approved">The file of a command that needs approval and is launched with it; null: none.</param>
    /// <param name="standIns">Whether claw-exec stands in for the other commands that need approval.</param>
    /// <param name="report">Told why there is none.</param>
    /// <returns>Null when there is none and the policy needs none.</returns>
    /// <exception cref="AppArmorException">There is none, and the policy has patterns.</exception>
    public LoadedProfile? TakeIfPossible(EffectivePolicy policy, string? approved, bool standIns, Action<string> report)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(report);
        try
        {
            return Take(policy, approved, standIns);
        }
        catch (AppArmorException error) when (!policy.Paths.Any(static rule => rule.IsGlob))
        {
            report($"AppArmor: no profile, the other layers hold: {error.Message}");
            return null;
        }
    }

    /// <summary>Removes the profiles that nobody uses.</summary>
    public void Clear()
    {
        ProfileText[] left;
        lock (_gate)
        {
            left = [.. _idle];
            _idle.Clear();
        }

        Array.ForEach(left, profile => Remove(profile.Name));
    }

    /// <summary>Removes the profiles that nobody uses, and keeps none from then on.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isOver = true;
        }

        Clear();
    }

    internal static string? WhyNotAt(string root)
    {
        if (new AppArmorLoader(root).WhyNot() is { } reason)
        {
            return reason;
        }

        string capabilities = File.ReadLines(Path.Combine(root, "proc/self/status")).First(static line => line.StartsWith("CapEff:", StringComparison.Ordinal))["CapEff:".Length..].Trim();
        string users = string.Join(' ', File.ReadAllText(Path.Combine(root, "proc/self/uid_map")).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return (ulong.Parse(capabilities, NumberStyles.HexNumber, CultureInfo.InvariantCulture) >> AdministersModules & 1) == 0 ? "loading profiles needs CAP_MAC_ADMIN: root has it"
            : users != WholeMachine ? "loading profiles needs CAP_MAC_ADMIN in the first user namespace, and this is another"
            : null;
    }

    internal void Load(ProfileText text) => _loader.Load(_compile(text.Text));

    internal void Return(ProfileText profile)
    {
        string? leaves = profile.Name;
        lock (_gate)
        {
            if (!_isOver && _kept > 0)
            {
                _idle.Add(profile);
                leaves = null;
                if (_idle.Count > _kept)
                {
                    leaves = _idle[0].Name;
                    _idle.RemoveAt(0);
                }
            }
        }

        if (leaves is not null)
        {
            Remove(leaves);
        }
    }

    private bool IsLoaded(string name) => _loader.Loaded().TryGetValue(name, out string? mode) && mode == "enforce";

    private void Sweep()
    {
        try
        {
            foreach (string name in _loader.Loaded().Keys.Where(_owner.HasGone))
            {
                Remove(name);
            }
        }
        catch (AppArmorException)
        {
            // Who cannot list profiles leaves them: they cost a little memory.
        }
    }

    /// <summary>A process would go on without the profile: then it stays, and is removed by whoever sweeps next.</summary>
    private void Remove(string name)
    {
        if (_owner.IsInUse(name))
        {
            return;
        }

        try
        {
            _loader.Remove(name);
        }
        catch (AppArmorException)
        {
            // Another sweep was faster, or the administrator.
        }
    }
}
