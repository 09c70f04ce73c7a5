namespace ClawFS.Store.Log;

/// <summary>Takes one record during replay. The payload is valid during the call only.</summary>
internal delegate void ReplayHandler(ulong sequence, byte kind, ReadOnlySpan<byte> payload);

/// <summary>How a replay ended.</summary>
/// <param name="Next">The first sequence that was not found: where <see cref="Journal.Start"/> goes on.</param>
/// <param name="Records">Records handed over.</param>
/// <param name="Files">Journal files seen; 0 means that there is no journal at all.</param>
/// <param name="Boot">Boot id (/proc/sys/kernel/random/boot_id) under which the last file was written. After a reboot what was not synced may be missing.</param>
/// <param name="Tear">Where the last file stops making sense, null if it ends cleanly.</param>
/// <param name="DataFollows">
/// Whether an authentic record stands behind the end of the last file. Power loss does that to records that were not synced; a kill of the process alone never does.
/// </param>
internal readonly record struct ReplayResult(ulong Next, long Records, int Files, Guid Boot, string? Tear, bool DataFollows);
