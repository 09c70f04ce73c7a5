namespace ClawFS.Crypto;

/// <summary>Why a key or a key slot was refused. The numbers are part of no format.</summary>
public enum KeyError
{
    /// <summary>No slot opens with what was given.</summary>
    WrongKey,
    /// <summary>The file is not what it should be: cut, changed, or never a key file.</summary>
    Damaged,
    /// <summary>The file was written by a newer version of claw.</summary>
    TooNew,
    /// <summary>There is no such file.</summary>
    Missing,
    /// <summary>The file exists already and is never overwritten.</summary>
    Exists,
    /// <summary>A code with a typing error.</summary>
    Mistyped,
    /// <summary>The last slot cannot be removed, or no room is left for another, or there is no slot with that number.</summary>
    Slot,
}

/// <summary>A key, a key file or a slot was refused; the message is one line for the user.</summary>
public sealed class KeyException(KeyError code, string message) : Exception(message)
{
    /// <summary>Why.</summary>
    public KeyError Code => code;
}
