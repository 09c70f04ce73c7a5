#!/bin/sh
# Makes artifacts/exec/claw-exec, the native launcher of sandboxes, when one of its sources is newer. Needs the .NET 10 SDK and a linker
# (gcc or clang, with libc6-dev), which it installs as root where apt is. Says nothing unless it fails; then one line, and exit code 1.
set -eu

root=$(readlink -f -- "$(dirname -- "$(readlink -f -- "$0")")/../..")
target=$root/artifacts/exec
program=$target/claw-exec

fail() {
    echo "claw-exec: $1" >&2
    exit 1
}

is_current() {
    [ -x "$program" ] && [ -z "$(find "$root/Security/Exec" "$root/Security/Sandbox/Layout" "$root/Directory.Build.props" "$root/global.json" -newer "$program" \( -name '*.cs' -o -name '*.csproj' -o -name '*.props' -o -name '*.json' -o -name publish.sh \) -print -quit)" ]
}

if is_current; then exit 0; fi

# A linker alone is not enough: it must find the C library's start files.
can_link() {
    for compiler in clang gcc; do
        if command -v "$compiler" >/dev/null 2>&1 && echo 'int main(void) { return 0; }' | "$compiler" -x c - -o /dev/null 2>/dev/null; then return 0; fi
    done
    return 1
}

if ! can_link; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "claw-exec: installing gcc libc6-dev" >&2
        { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends gcc libc6-dev; } >/dev/null 2>&1 </dev/null || :
    fi
    can_link || fail "the native launcher needs a C linker: apt-get install gcc libc6-dev"
fi

dotnet=${DOTNET:-$(command -v dotnet || echo /usr/share/dotnet/dotnet)}
[ -x "$dotnet" ] || fail "the .NET 10 SDK: not found; apt-get install dotnet-sdk-10.0"
mkdir -p "$target" 2>/dev/null && [ -w "$target" ] || fail "$target: not writable by $(id -un); build as its owner"
exec 9>"$target/.lock"
flock 9
if is_current; then exit 0; fi

case $(uname -m) in
    aarch64) rid=linux-arm64 ;;
    *) rid=linux-x64 ;;
esac
log=$target/publish.log
if [ -z "${HOME:-}" ] || [ ! -w "$HOME" ]; then
    HOME=$target/home
    export HOME
    mkdir -p "$HOME"
fi
# Its own place for what is between source and program, so that an ordinary build beside it is not disturbed. No descriptor of ours goes to dotnet.
if ! (cd "$root" && DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_CLI_UI_LANGUAGE=en "$dotnet" publish Security/Exec -c Release -r "$rid" -p:ClawNative=true \
    -p:ArtifactsPath="$target/build" -nodeReuse:false -v:minimal -tl:off -o "$target/publish") >"$log" 2>&1 9>&- </dev/null; then
    grep -E '(error|warning) ' "$log" | sort -u | head -n 5 >&2 || :
    fail "making it failed; the whole log is in $log"
fi
# Renamed into place: who runs the old one keeps it.
cp "$target/publish/claw-exec" "$program.new"
mv "$program.new" "$program"
[ "$(id -u)" != 0 ] || chown -R --reference="$root" "$target"
