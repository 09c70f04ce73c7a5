using ClawOS.Cli;
using ClawOS.Cli.Services;

// The hidden verbs come first: a service must not load what only the command line needs.
return args switch
{
    [SelfProgram.Supervise, .. string[] rest] => SuperviseProgram.Run(rest),
    [SelfProgram.ServeFs, .. string[] rest] => FsProgram.Run(rest),
    [SelfProgram.ServeNotify, .. string[] rest] => NotifyProgram.Run(rest),
    [SelfProgram.ServeGuard, .. string[] rest] => GuardProgram.Run(rest),
    _ => await CommandLine.RunAsync(args),
};
