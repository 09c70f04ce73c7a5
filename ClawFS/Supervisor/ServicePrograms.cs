namespace ClawFS.Supervisor;

/// <summary>Which programs are started as services: program and leading arguments, to which the service's own are added.</summary>
/// <param name="Fs">The fs service.</param>
/// <param name="Notify">The notify worker.</param>
/// <param name="Embed">The embed worker.</param>
/// <param name="Guard">The guard service.</param>
public sealed record ServicePrograms(IReadOnlyList<string> Fs, IReadOnlyList<string> Notify, IReadOnlyList<string> Embed, IReadOnlyList<string> Guard);
