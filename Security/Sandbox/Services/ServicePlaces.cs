namespace ClawOS.Security.Sandbox.Services;

/// <summary>The folders of one mount that its services may change.</summary>
/// <param name="Mount">The mount point, absolute, links resolved. Nothing here looks at it.</param>
/// <param name="Store">The store folder.</param>
/// <param name="Anchors">The folder with the anchors of stores.</param>
public sealed record ServicePlaces(string Mount, string Store, string Anchors);
