using ClawFS.Embedding;

namespace ClawOS.Embed.Remote;

/// <summary>The key of a server. It is never part of a message.</summary>
internal static class ServerKey
{
    private const int MaxBytes = 4096;

    /// <summary>The key from the file, or without one from the environment; null where there is none.</summary>
    /// <exception cref="EmbedException">The file cannot be read, or is no key.</exception>
    internal static string? Read(string file)
    {
        string? text = file.Length == 0 ? Environment.GetEnvironmentVariable(EmbedderSettings.KeyVariable) : ReadFile(file);
        text = text?.Trim();
        return string.IsNullOrEmpty(text) ? (file.Length == 0 ? null : throw Unusable($"the key file {file} is empty"))
            : text.All(static c => c is > ' ' and < (char)127) ? text
            : throw Unusable("the key has characters that no key has");
    }

    private static string ReadFile(string file)
    {
        try
        {
            using FileStream stream = new(file, FileMode.Open, FileAccess.Read);
            byte[] bytes = new byte[MaxBytes];
            int length = stream.ReadAtLeast(bytes, MaxBytes, throwOnEndOfStream: false);
            return length < MaxBytes ? System.Text.Encoding.UTF8.GetString(bytes, 0, length) : throw Unusable($"the key file {file} is larger than a key");
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw Unusable($"the key file {file} cannot be read by uid {ClawFS.Linux.ProcessIdentity.Uid} of the embed worker");
        }
    }

    private static EmbedException Unusable(string reason) => new(EmbedFailureKind.Unusable, reason);
}
