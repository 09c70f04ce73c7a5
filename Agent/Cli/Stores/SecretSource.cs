using System.Text;
using ClawFS.Crypto;
using ClawFS.Linux;
using ClawFS.Supervisor;
using Microsoft.Win32.SafeHandles;

namespace ClawOS.Cli.Stores;

/// <summary>Where the secret that opens a store comes from: a key file, or text that somebody typed or piped in.</summary>
internal sealed class SecretSource
{
    internal const string Passphrase = "passphrase";
    internal const string Recovery = "recovery";

    /// <summary>More than any key file or passphrase has.</summary>
    private const int MaxSecret = 4096;

    private readonly string? text;

    private SecretSource(string kind, string? keyFile, string? text)
    {
        Kind = kind;
        KeyFilePath = keyFile;
        this.text = text;
    }

    /// <summary>The kind, as <see cref="SupervisorOptions.Credential"/> names it.</summary>
    internal string Kind { get; }

    /// <summary>The key file's path, absolute; null for text.</summary>
    internal string? KeyFilePath { get; }

    internal static SecretSource FromKeyFile(string path) => new(SupervisorOptions.KeyFileCredential, Path.GetFullPath(path), null);

    internal static SecretSource FromText(string kind, string text) => new(kind, null, text);

    /// <summary>The secret as text: for the control channel of a mounted store.</summary>
    internal string ReadText() => text ?? File.ReadAllText(Existing());

    /// <summary>The credential itself.</summary>
    /// <exception cref="CliException">The key file is missing.</exception>
    /// <exception cref="KeyException">It is damaged, or the code is mistyped.</exception>
    internal Credential ToCredential() => Kind switch
    {
        Passphrase => Credential.FromPassphrase(text),
        Recovery => RecoveryCode.Parse(text),
        _ => KeyFile.Read(Existing()),
    };

    /// <summary>A descriptor from which fs reads the secret: it never stands in an argument or in the environment.</summary>
    internal SafeFileHandle ToDescriptor()
    {
        if (text is null)
        {
            return File.OpenHandle(Existing());
        }

        using Pipe pipe = Pipe.Create();
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Pipe.Write(pipe.Writer, bytes); // Fits into the pipe: nobody has to read yet.
        Array.Clear(bytes);
        return pipe.TakeReader();
    }

    /// <summary>Reads the secret in fs.</summary>
    /// <param name="kind">From <see cref="Kind"/>.</param>
    /// <param name="descriptor">From <see cref="ToDescriptor"/>.</param>
    /// <exception cref="KeyException">It is damaged or mistyped.</exception>
    internal static Credential Read(string kind, SafeFileHandle descriptor)
    {
        using LockedMemory memory = new(MaxSecret);
        ReadOnlySpan<byte> bytes = memory.Span[..Pipe.ReadToEnd(descriptor, memory.Span)];
        if (kind == SupervisorOptions.KeyFileCredential)
        {
            return KeyFile.Parse(bytes, "the key file");
        }

        char[] characters = new char[Encoding.UTF8.GetMaxCharCount(bytes.Length)];
        try
        {
            ReadOnlySpan<char> typed = characters.AsSpan(0, Encoding.UTF8.GetChars(bytes, characters));
            return kind == Passphrase ? Credential.FromPassphrase(typed) : RecoveryCode.Parse(typed);
        }
        finally
        {
            Array.Clear(characters);
        }
    }

    /// <summary>Makes the credential of a secret that came as text, over sys/ctl.</summary>
    /// <exception cref="KeyException">It is damaged or mistyped.</exception>
    internal static Credential Parse(string kind, string secret) => kind switch
    {
        Passphrase => Credential.FromPassphrase(secret),
        Recovery => RecoveryCode.Parse(secret),
        _ => KeyFile.Parse(Encoding.UTF8.GetBytes(secret), "the key file"),
    };

    private string Existing() => File.Exists(KeyFilePath)
        ? KeyFilePath
        : throw new CliException(
            ExitCodes.WrongKey,
            $"{KeyFilePath}: there is no key file; put it back there, or open the store with --key-file, --passphrase or --recovery");
}
