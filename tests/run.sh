# ./claw test [--long] [--vm] [FILTER]: sourced by ./claw. Installs what the tests need, builds all, runs every test project in turn.
# FILTER keeps the tests whose full name contains it. Last line: "N passed, N failed, N skipped".

filter=
for argument in "$@"; do
    case $argument in
        --long) export CLAW_LONG=1 CLAW_FUZZ_LONG=1 ;;
        --vm) export CLAW_VM=1 ;;
        -h | --help)
            echo "Usage: ./claw test [--long] [--vm] [FILTER]"
            echo "Example: ./claw test Wrong_key"
            exit 0
            ;;
        -*) echo "claw: test: no option $argument; see ./claw test --help" >&2; exit 2 ;;
        *) filter=$argument ;;
    esac
done

# Program and the package that brings it.
missing=
for need in git:git sqlite3:sqlite3 rsync:rsync vim:vim inotifywait:inotify-tools setfattr:attr fusermount3:fuse3 ps:procps mount:mount flock:util-linux tar:tar python3:python3 mkfs.ext4:e2fsprogs apparmor_parser:apparmor ${CLAW_VM:+qemu-system-x86_64:qemu-system-x86 cpio:cpio xz:xz-utils}; do
    PATH=$PATH:/usr/sbin:/sbin command -v "${need%%:*}" >/dev/null 2>&1 || missing="$missing ${need#*:}"
done
if [ -n "$missing" ]; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "installing:$missing"
        { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing; } >/dev/null 2>&1 </dev/null ||
            echo "claw: test: apt-get could not install$missing; the tests that need them are skipped" >&2
    else
        echo "claw: test: the tests that need them are skipped without:$missing (apt-get install$missing)" >&2
    fi
fi

# The guest's kernel is a package that is downloaded and not installed: its name is looked up in lists that may be old or not there.
if [ -n "${CLAW_VM:-}" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null && ! ls -d "$artifacts"/vm/linux-image-* >/dev/null 2>&1; then
    apt-get update -qq >/dev/null 2>&1 </dev/null || :
fi

build "$artifacts/.claw-stamp" Agent/Cli ClawFS Security Agent Directory.Build.props Directory.Packages.props global.json
build "$artifacts/.test-stamp" ClawOS.sln ClawFS Security Agent tests bench ClawOS.sln Directory.Build.props Directory.Packages.props global.json
[ -n "${dotnet:-}" ] || find_dotnet

# The native launcher of sandboxes; without it its tests are skipped and say why.
export DOTNET="$dotnet"
if "$root/Security/Exec/publish.sh"; then
    export CLAW_EXEC="$artifacts/exec/claw-exec"
fi

# The tests meet the program that users run.
CLAW_BIN=${CLAW_BIN:-$(readlink -f "$runs/current")/claw.dll}
export CLAW_BIN

passed=0 failed=0 skipped=0 crashed=
set -- $(grep -LE '<OutputType>Library|<IsTestProject>false' "$root"/tests/*/*.csproj)
count=$# number=0
mkdir -p "$artifacts/test-logs"
for project in "$@"; do
    name=$(basename "$project" .csproj)
    number=$((number + 1))
    log=$artifacts/test-logs/$name.log
    printf '[%d/%d] %-24s ' "$number" "$count" "$name"
    status=0
    project() { (cd "$root" && exec "$dotnet" "$artifacts/bin/$name/release/$name.dll" -noLogo -noColor ${filter:+-method "*$filter*"} "$@") 2>&1 </dev/null; }
    if [ "$name" = Vm.Tests ] && [ -n "${CLAW_VM:-}" ]; then
        # Guests take minutes: each test is told as it ends.
        echo "(what a guest prints: $artifacts/vm/console.log)"
        { project -reporter verbose || echo $? >"$log.status"; } | tee "$log" | sed -un 's/^ *Vm\.Tests\.\(.*\) \[FINISHED\] Time: \([0-9]*\).*/        \2 s \1/p'
        status=$(cat "$log.status" 2>/dev/null || echo 0)
        rm -f "$log.status"
        printf '        '
    else
        project >"$log" || status=$?
    fi

    # "   X.Tests  Total: 5, Errors: 0, Failed: 1, Skipped: 2, Not Run: 0, Time: 0.1s"
    summary=$(grep -E 'Total: [0-9]+, Errors: [0-9]+, Failed: [0-9]+, Skipped: [0-9]+' "$log" | tail -n 1 || :)
    field() { printf '%s' "$summary" | sed -nE "s/.*$1: ([0-9]+).*/\1/p"; }
    if [ -n "$summary" ]; then
        bad=$(($(field Failed) + $(field Errors)))
        skip=$(field Skipped)
        good=$(($(field Total) - $(field Failed) - skip))
        [ "$bad" = 0 ] && [ "$status" != 0 ] && [ "$good" != 0 ] && bad=1
    elif [ "$status" = 0 ] && grep -qE '^ +.* Total: 0$' "$log"; then
        bad=0 skip=0 good=0
    else
        bad=1 skip=0 good=0
        crashed="$crashed $name"
    fi
    passed=$((passed + good)) failed=$((failed + bad)) skipped=$((skipped + skip))
    printf '%d passed, %d failed, %d skipped%s\n' "$good" "$bad" "$skip" "$(printf '%s' "$summary" | sed -nE 's/.*Time: ([0-9.]+s).*/, \1/p')"
    [ "$bad" = 0 ] || sed 's/^/    /' "$log"
done
[ -z "$crashed" ] || echo "ended without a summary:$crashed (logs in $artifacts/test-logs)"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] || exit 1
