using ClawOS.Security.Policy;

namespace ClawOS.Security.AppArmor;

/// <summary>A profile in the kernel that one sandbox runs in. Dispose it when the sandbox has ended.</summary>
public sealed class LoadedProfile : IDisposable
{
    private readonly ProfilePool _pool;
    private readonly string? _approved;
    private readonly bool _standIns;
    private readonly Lock _gate = new();
    private bool _isOver;

    internal LoadedProfile(ProfilePool pool, ProfileText text, string? approved, bool standIns) => (_pool, Text, _approved, _standIns) = (pool, text, approved, standIns);

    /// <summary>Its name in the kernel, which stays while its text changes.</summary>
    public string Name => Text.Name;

    /// <summary>What it says now.</summary>
    internal ProfileText Text { get; private set; }

    /// <summary>Puts another text in its place, for what runs in it, at once.</summary>
    /// <param name="policy">What is allowed from now on; of the same name.</param>
    /// <returns>Whether anything is different; never, once it was given back.</returns>
    /// <exception cref="AppArmorException">The kernel or apparmor_parser refuses; what was allowed before still is.</exception>
    public bool Change(EffectivePolicy policy)
    {
        lock (_gate)
        {
            ProfileText wanted = ProfileText.Of(policy, approved: _approved, standIns: _standIns);
            if (_isOver || wanted.IsSameAs(Text))
            {
                return false;
            }

            ProfileText text = wanted.For(Text.Name[(Text.Name.LastIndexOf('.') + 1)..]);
            if (text.Name != Name)
            {
                throw new AppArmorException($"{policy.Name}: not the policy of {Name}");
            }

            _pool.Load(text);
            Text = text;
            return true;
        }
    }

    /// <summary>Gives it back: it is removed, or kept for the next sandbox of the same policy.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isOver)
            {
                return;
            }

            _isOver = true; // From here on it may be another sandbox's.
        }

        _pool.Return(Text);
    }
}
