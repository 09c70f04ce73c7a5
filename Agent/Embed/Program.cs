using ClawFS.Linux;
using ClawOS.Embed;
using Microsoft.Win32.SafeHandles;

// Started by the supervisor alone: claw-embed serve-embed --mount MOUNT [--network]. The mount is only a name by which the process is found again; nothing here opens it.
const int ChannelDescriptor = 3;
const uint EmbedUser = 60915;

if (args is not ["serve-embed", ..])
{
    Console.Error.WriteLine("claw-embed: is started by claw up");
    return 2;
}

File.WriteAllText("/proc/self/comm", "claw-embed");
if (ProcessIdentity.Uid == 0)
{
    ProcessIdentity.BecomeUser(EmbedUser, EmbedUser);
}

ProcessIdentity.ForbidNewPrivileges();
ProcessLimits.NoCoreDumps();
bool mayUseNetwork = args.Contains("--network");
if (!mayUseNetwork)
{
    SystemCallFilter.ForbidSockets();
}

using SeqPacketSocket channel = new(new SafeFileHandle(ChannelDescriptor, ownsHandle: true));
return await EmbedWorker.RunAsync(channel, (settings, cancel) => TextEmbedder.OpenAsync(settings, mayUseNetwork, cancel)) ? 0 : 1;
