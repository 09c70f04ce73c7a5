using StandIn;

// Services for the supervisor's tests: `standin fs MODE ...` and `standin notify ...` take the place of claw's,
// `standin supervise MODE ...` is a supervisor that starts them.
return args switch
{
    ["supervise", var mode, .. var rest] => StandInSupervisor.Run(mode, rest),
    ["fs", var mode, .. var rest] => StandInFs.Run(mode, rest),
    ["notify" or "embed", ..] => StandInNotify.Run(),
    ["guard", ..] => StandInGuard.Run(),
    _ => 2,
};
