using System.Globalization;
using System.Text.Json;

namespace ClawFS.Store;

/// <summary>What a backup says of itself, in clear, in the file claw.backup beside the copied files: no names, no content.</summary>
/// <param name="Store">Id of the store.</param>
/// <param name="Made">When the copy was complete.</param>
/// <param name="Sealed">Segments that never change again, so that the next backup need not copy them.</param>
public sealed record BackupManifest(Guid Store, DateTimeOffset Made, IReadOnlySet<ulong> Sealed)
{
    /// <summary>Name of the file.</summary>
    public const string FileName = "claw.backup";

    private const int Format = 1;

    /// <summary>Reads the manifest of a folder; null if it has none that can be read.</summary>
    public static BackupManifest? TryRead(string folder)
    {
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            return null;
        }
        try
        {
            Stored? stored = JsonSerializer.Deserialize<Stored>(File.ReadAllBytes(path));
            return stored is { Format: Format, Sealed: not null }
                ? new(stored.Store, stored.Made, stored.Sealed.Select(static id => ulong.Parse(id, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)).ToHashSet())
                : null;
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            // Without it everything is copied again: slower, never wrong.
            return null;
        }
    }

    /// <summary>Writes the manifest into a folder, replacing an older one at once.</summary>
    public void Write(string folder)
    {
        string path = Path.Combine(folder, FileName);
        var stored = new Stored(Format, Store, Made, [.. Sealed.Order().Select(static id => id.ToString("x16", CultureInfo.InvariantCulture))]);
        File.WriteAllBytes(path + ".new", JsonSerializer.SerializeToUtf8Bytes(stored));
        File.Move(path + ".new", path, overwrite: true);
    }

    private sealed record Stored(int Format, Guid Store, DateTimeOffset Made, string[] Sealed);
}
