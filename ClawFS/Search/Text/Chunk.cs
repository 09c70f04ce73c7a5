namespace ClawFS.Search.Text;

/// <summary>A part of a file that is found on its own. The chunks of a file follow each other without gap or overlap.</summary>
/// <param name="Start">Offset of the first byte in the file.</param>
/// <param name="Length">Bytes; at most <see cref="ChunkRules.MaxBytes"/>.</param>
/// <param name="FirstLine">The line, counted from 1, that has the first byte.</param>
/// <param name="LastLine">The line that has the last byte; a line feed belongs to the line that it ends.</param>
/// <param name="Heading">Where the chunk stands, outermost first, like "Setup > Keys"; empty when nothing says.</param>
/// <param name="State">Where in HTML markup the chunk begins.</param>
internal readonly record struct Chunk(long Start, int Length, int FirstLine, int LastLine, string Heading, MarkupState State);
