using System.Text.Json.Serialization;

namespace ClawFS.Trees;

/// <summary>The form in which open views are kept for a successor.</summary>
[JsonSerializable(typeof(ViewRequest[]))]
internal sealed partial class ViewJson : JsonSerializerContext;
