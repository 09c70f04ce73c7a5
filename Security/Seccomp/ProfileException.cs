namespace ClawOS.Security.Seccomp;

/// <summary>A text that is not a profile.</summary>
public sealed class ProfileException : Exception
{
    internal ProfileException(IReadOnlyList<ProfileError> errors)
        : base(string.Join('\n', errors)) => Errors = errors;

    /// <summary>All that is wrong, in the order of the file; a text that is not JSON has one error.</summary>
    public IReadOnlyList<ProfileError> Errors { get; }
}
