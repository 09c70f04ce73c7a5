using ClawFS.Linux;

namespace ClawOS.Security.Trees;

/// <summary>Where the policies of a store are kept; the program that composes fs implements it.</summary>
public abstract class PolicyStorage
{
    /// <summary>The name of what is kept.</summary>
    public const string FileName = "policies";

    /// <summary>Reads what is kept.</summary>
    /// <param name="content">All of it; null where nothing has been kept yet.</param>
    /// <returns>Ok, or why it cannot be read.</returns>
    public abstract Errno Load(out byte[]? content);

    /// <summary>Puts a content in the place of what is kept: after a kill there is the one or the other.</summary>
    /// <returns>Ok, or why not (ENOKEY, ENOSPC, EROFS); then nothing is different.</returns>
    public abstract Errno Save(ReadOnlySpan<byte> content);

    /// <summary>Gives what is kept, and cannot be read, another name, so that it is not lost when something is saved.</summary>
    /// <returns>Ok, or why not.</returns>
    public abstract Errno SetAside();
}
