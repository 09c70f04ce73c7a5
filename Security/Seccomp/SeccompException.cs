namespace ClawOS.Security.Seccomp;

/// <summary>A profile that cannot become a filter, or a name that no system call has.</summary>
public sealed class SeccompException : Exception
{
    /// <param name="message">One line for people.</param>
    public SeccompException(string message)
        : base(message)
    {
    }
}
