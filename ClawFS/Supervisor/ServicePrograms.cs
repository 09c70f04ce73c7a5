using ClawFS.Linux;

namespace ClawFS.Supervisor;

/// <summary>Starts a service.</summary>
/// <param name="name">"fs", "notify", "embed", "embed-remote", "guard".</param>
/// <param name="plan">What it starts with.</param>
/// <param name="unhardened">Why it runs without the limits that it should have; null when it has them.</param>
/// <exception cref="LinuxException">The program cannot be started.</exception>
public delegate ChildProcess ServiceStart(string name, SpawnPlan plan, out string? unhardened);

/// <summary>Which programs are started as services: program and leading arguments, to which the service's own are added.</summary>
/// <param name="Fs">The fs service.</param>
/// <param name="Notify">The notify worker.</param>
/// <param name="Embed">The embed worker.</param>
/// <param name="Guard">The guard service.</param>
/// <param name="Start">How they are started.</param>
public sealed record ServicePrograms(IReadOnlyList<string> Fs, IReadOnlyList<string> Notify, IReadOnlyList<string> Embed, IReadOnlyList<string> Guard, ServiceStart Start);
