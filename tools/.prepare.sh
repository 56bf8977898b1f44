# Sourced by the scripts beside it: finds or installs what a fresh Debian or Ubuntu machine lacks. Says what it does.

say() { printf '%s\n' "$*" >&2; }

have_postgres() {
    for initdb in $(command -v initdb || true) /usr/lib/postgresql/*/bin/initdb /usr/local/pgsql/bin/initdb; do
        [ -x "$initdb" ] || continue
        version=$("$initdb" --version | grep -oE '[0-9]+' | head -n 1)
        [ "${version:-0}" -ge 14 ] && return 0
    done
    return 1
}

need_dotnet() {
    command -v dotnet >/dev/null || { say "error: the .NET SDK 10 is required (dotnet on PATH)."; exit 1; }
}

need_postgres() {
    have_postgres && return 0
    command -v apt-get >/dev/null || {
        say "error: PostgreSQL 14 or later was not found (initdb, pg_ctl), and there is no apt-get to install it with."
        exit 1
    }
    as_root=
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || {
            say "error: PostgreSQL 14 or later is missing: run 'apt-get install postgresql' as root."
            exit 1
        }
        as_root=sudo
    fi
    say "PostgreSQL was not found: installing it with apt-get…"
    # Only the binaries are wanted: no cluster of the system's own is to be made or started.
    $as_root mkdir -p /etc/postgresql-common
    conf=/etc/postgresql-common/createcluster.conf
    [ -e "$conf" ] || echo 'create_main_cluster = false' | $as_root tee "$conf" >/dev/null
    export DEBIAN_FRONTEND=noninteractive
    {
        $as_root apt-get update -qq &&
            $as_root apt-get install -y -qq --no-install-recommends postgresql
    } >&2 || {
        say "error: apt-get could not install PostgreSQL; its messages are above."
        exit 1
    }
    have_postgres || { say "error: the PostgreSQL that apt-get installed is older than 14."; exit 1; }
}

# Installs a package for a program of the tests where the program is missing.
want() {
    command -v "$1" >/dev/null && return 0
    command -v apt-get >/dev/null || return 1
    as_root=
    [ "$(id -u)" -eq 0 ] || { command -v sudo >/dev/null || return 1; as_root=sudo; }
    say "$1 was not found: installing $2 with apt-get…"
    export DEBIAN_FRONTEND=noninteractive
    { $as_root apt-get update -qq && $as_root apt-get install -y -qq --no-install-recommends "$2" ${3:-}; } >&2
}

# A device in software, for the tests of keys that are in one. Without it they are skipped, and say so.
need_softhsm() {
    want softhsm2-util softhsm2 || say "SoftHSM could not be installed: the tests of keys in a device are skipped."
}

# The browser in which pages are read, printed and verified.
need_chromium() {
    want chromium chromium fonts-liberation || { say "error: Chromium is required for the tests of pages."; exit 1; }
}

# The languages of the sample portals. Without them their tests are skipped, and say so.
need_samples() {
    want protoc protobuf-compiler libprotobuf-dev &&
        want javac openjdk-17-jdk-headless &&
        want npm npm &&
        want grpc_python_plugin protobuf-compiler-grpc python3-grpcio &&
        want grpc_java_plugin protobuf-compiler-grpc-java-plugin "libgrpc-java libprotobuf-java libnetty-java
            libperfmark-java libgoogle-gson-java libgeronimo-annotation-1.3-spec-java" ||
        say "The languages of the sample portals could not be installed: their tests are skipped."
}

# Quiet when it works; everything it printed when it does not.
build() {
    say "Building $1…"
    if ! printed=$(dotnet build "$1" -c Release -v quiet -nologo 2>&1); then
        say "$printed"
        say "error: the build failed."
        exit 1
    fi
}
