#!/usr/bin/env bash
# Segunda Via on one Debian machine, behind TLS. Run as root from the unpacked release:
#
#   deploy/install.sh install --domain boleto.example.com [--proxy caddy|nginx] [--certificate FILE --key FILE]
#   deploy/install.sh upgrade       from a newer release; data, settings, and what you changed in data/ stay
#   deploy/install.sh remove        programs and units; --purge: data, key and backups too
#
# Where things are:
#   /opt/segunda-via/releases/…   the programs, one folder a release; `current` leads to the one in force
#   /etc/segunda-via/             segunda-via.env (variables), endpoints.yml (Rasa's)
#   /var/lib/segunda-via/         var (database, key), data (examples), models, backups
#
# Without --certificate, Caddy gets one from Let's Encrypt; nginx needs one. --python DIR takes a prepared environment
# instead of building one, for machines that reach no package index.
set -euo pipefail

SOURCE=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
PROGRAMS=/opt/segunda-via
SETTINGS=/etc/segunda-via
DATA=/var/lib/segunda-via
UNITS=/etc/systemd/system
OWNER=segunda-via

say() { printf '==> %s\n' "$*"; }
fail() { printf 'install.sh: %s\n' "$*" >&2; exit 1; }
has_systemd() { [[ -d /run/systemd/system ]]; }
as_owner() { (cd "$PROGRAMS/current" && runuser -u "$OWNER" -- env -i PATH="$PATH" LANG=C.UTF-8 "$@"); }
# The variables of the units, for a command.
with_settings() { as_owner bash -c 'set -a; while IFS="=" read -r name value; do [[ $name == \#* || -z $name ]] || declare -x "$name=$value"; done < "$0"; exec "$@"' "$SETTINGS/segunda-via.env" "$@"; }

packages() {
    local wanted=(adduser ca-certificates openssl git python3 python3-pip) missing=()
    [[ "$proxy" == none ]] || wanted+=("$proxy")
    for each in "${wanted[@]}"; do
        dpkg-query -W -f '${Status}' "$each" 2>/dev/null | grep -q 'ok installed' || missing+=("$each")
    done
    ((${#missing[@]})) || return 0
    say "Debian packages: ${missing[*]}"
    apt-get update -q
    DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"
}

owner_and_folders() {
    getent passwd "$OWNER" >/dev/null || adduser --quiet --system --group --home "$DATA" --no-create-home "$OWNER"
    install -d -m 0755 "$PROGRAMS" "$PROGRAMS/releases"
    install -d -m 0750 -g "$OWNER" "$SETTINGS"
    install -d -m 0700 -o "$OWNER" -g "$OWNER" "$DATA" "$DATA"/{var,data,models,backups}
}

# The programs of this release in a folder of their own. What is written at run time lies elsewhere.
build() {
    release="$PROGRAMS/releases/$(date -u +%Y%m%dT%H%M%SZ)"
    say "Release: $release"
    install -d -m 0755 "$release"
    tar -C "$SOURCE" --exclude-vcs --exclude=./.venv --exclude=./.uv --exclude=./.rasa --exclude=./var --exclude=./models \
        --exclude='__pycache__' --exclude='.*_cache' -cf - . | tar -C "$release" --no-same-owner -xf -
    mv "$release/data" "$release/data.dist"
    rm -f "$release/endpoints.yml"
    ln -s "$DATA/var" "$release/var"
    ln -s "$DATA/models" "$release/models"
    ln -s "$DATA/data" "$release/data"
    ln -s "$SETTINGS/endpoints.yml" "$release/endpoints.yml"
    if [[ -n "$python" ]]; then
        ln -s "$python" "$release/.venv"
    else
        # An interpreter in /root could not be read by the units.
        (cd "$release" && UV_PYTHON_INSTALL_DIR="$PROGRAMS/python" UV_CACHE_DIR=/var/cache/segunda-via scripts/setup.sh)
    fi
    chmod -R go+rX "$release"
}

# New examples come in; what somebody changed here stays, with the new one beside it.
examples() {
    local old="$PROGRAMS/current/data.dist" file target
    (cd "$release/data.dist" && find . -type f -printf '%P\0') | while IFS= read -r -d '' file; do
        target="$DATA/data/$file"
        if cmp -s "$target" "$release/data.dist/$file"; then
            continue
        elif [[ ! -e "$target" ]] || cmp -s "$target" "$old/$file"; then
            install -D -m 0600 -o "$OWNER" -g "$OWNER" "$release/data.dist/$file" "$target"
        elif ! cmp -s "$release/data.dist/$file" "$old/$file"; then
            say "kept as you changed it: $target; the new one: $release/data.dist/$file"
        fi
    done
    chown -R "$OWNER:$OWNER" "$DATA/data" "$DATA/models"
}

settings() {
    local secret
    if [[ ! -e "$SETTINGS/segunda-via.env" ]]; then
        secret=$(openssl rand -hex 24)
        sed -e "s|@DOMAIN@|$domain|" -e "s|@SECRET@|$secret|" "$SOURCE/deploy/segunda-via.env" \
            | install -m 0640 -g "$OWNER" /dev/stdin "$SETTINGS/segunda-via.env"
        # A prepared environment does not hold the release itself.
        [[ -z "$python" ]] || printf 'PYTHONPATH=%s\n' "$PROGRAMS/current" >>"$SETTINGS/segunda-via.env"
        sed -e "s|^  url: http://localhost:5055/webhook|&\n  headers: {Authorization: \"Bearer $secret\"}|" \
            "$SOURCE/endpoints.yml" | install -m 0640 -g "$OWNER" /dev/stdin "$SETTINGS/endpoints.yml"
    fi
}

units() {
    install -m 0644 "$SOURCE"/deploy/systemd/* "$UNITS/"
    printf '#!/bin/sh\n# segunda-via …, as the servers run\nexec %s "$@"\n' \
        "/opt/segunda-via/current/deploy/install.sh run" >/usr/local/bin/segunda-via
    chmod 0755 /usr/local/bin/segunda-via
}

proxy_settings() {
    case "$proxy" in
    caddy)
        local tls="# the certificate is Let's Encrypt's"
        [[ -z "$certificate" ]] || tls="tls $certificate $key"
        install -d /etc/caddy/conf.d
        sed -e "s|@DOMAIN@|$domain|" -e "s|@TLS@|$tls|" "$SOURCE/deploy/proxy/Caddyfile" >/etc/caddy/conf.d/segunda-via.caddy
        if ! grep -qs 'import conf.d/\*.caddy' /etc/caddy/Caddyfile; then
            if [[ -e /etc/caddy/Caddyfile ]]; then cp -n /etc/caddy/Caddyfile /etc/caddy/Caddyfile.before-segunda-via; fi
            # Debian's own answers every address on port 80 with its example page.
            printf 'import conf.d/*.caddy\n' >/etc/caddy/Caddyfile
        fi
        caddy validate --config /etc/caddy/Caddyfile --adapter caddyfile >/dev/null 2>&1 \
            || fail "caddy refuses /etc/caddy/conf.d/segunda-via.caddy: caddy validate --config /etc/caddy/Caddyfile"
        ;;
    nginx)
        [[ -n "$certificate" ]] || fail "nginx needs --certificate and --key (or take --proxy caddy, which gets one itself)"
        sed -e "s|@DOMAIN@|$domain|" -e "s|@CERTIFICATE@|$certificate|" -e "s|@KEY@|$key|" "$SOURCE/deploy/proxy/nginx.conf" \
            >/etc/nginx/sites-available/segunda-via
        ln -sf ../sites-available/segunda-via /etc/nginx/sites-enabled/segunda-via
        nginx -t -q || fail "nginx refuses /etc/nginx/sites-available/segunda-via"
        ;;
    esac
}

train() {
    say "Model"
    with_settings .venv/bin/python -m scripts.train
}

switch_to() { ln -sfn "$1" "$PROGRAMS/current.new" && mv -T "$PROGRAMS/current.new" "$PROGRAMS/current"; }

gate() { with_settings .venv/bin/segunda-via doctor --gate; }

begin() {
    if ! has_systemd; then
        say "No systemd is running here: the units are in $UNITS and start with the machine"
        return
    fi
    systemctl daemon-reload
    systemctl enable --now segunda-via.target
    systemctl restart segunda-via-actions segunda-via-rasa segunda-via
    [[ "$proxy" == none ]] || systemctl reload-or-restart "$proxy"
    say "Waiting until it can serve"
    for _ in $(seq 90); do
        [[ "$(curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1:8000/health/ready)" == 200 ]] && return
        sleep 1
    done
    return 1
}

install_it() {
    [[ -n "$domain" ]] || fail "--domain is missing: the name under which phones reach this machine"
    [[ "$domain" =~ ^[A-Za-z0-9.-]+$ ]] || fail "--domain is a name like boleto.example.com"
    [[ ! -e "$PROGRAMS/current" ]] || fail "it is installed already: use upgrade"
    packages
    owner_and_folders
    settings
    build
    examples
    switch_to "$release"
    train
    gate || fail "it is installed, and cannot serve yet: see above"
    units
    proxy_settings
    begin || fail "it does not answer: journalctl -u 'segunda-via*'"
    say "Installed. Next: https://$domain/configuracoes; the first time, by the link in $DATA/var/primeiro-acesso.txt"
    say "Keep a copy of $DATA/var/secret.key elsewhere: without it no backup can be read"
}

upgrade() {
    [[ -e "$PROGRAMS/current" ]] || fail "nothing is installed here: use install"
    local before
    before=$(readlink -f "$PROGRAMS/current")
    say "Backup"
    with_settings .venv/bin/segunda-via backup "$DATA/backups"
    build
    examples
    switch_to "$release"
    if train && gate && units && begin; then
        find "$PROGRAMS/releases" -mindepth 1 -maxdepth 1 ! -path "$release" ! -path "$before" -exec rm -rf {} +
        say "Upgraded. The release before stays in $before"
    else
        switch_to "$before"
        begin || true
        fail "the new release cannot serve: the one before is in force again"
    fi
}

remove() {
    if has_systemd; then systemctl disable --now segunda-via.target segunda-via.socket 'segunda-via*.service' segunda-via-backup.timer 2>/dev/null || true; fi
    rm -f "$UNITS"/segunda-via* /usr/local/bin/segunda-via /etc/caddy/conf.d/segunda-via.caddy \
        /etc/nginx/sites-enabled/segunda-via /etc/nginx/sites-available/segunda-via
    if has_systemd; then
        systemctl daemon-reload
        for each in caddy nginx; do systemctl is-active -q "$each" && systemctl reload "$each"; done || true
    fi
    rm -rf "$PROGRAMS" /var/cache/segunda-via
    if [[ "$purge" == yes ]]; then
        rm -rf "$SETTINGS" "$DATA"
        if getent passwd "$OWNER" >/dev/null; then deluser --quiet --system "$OWNER"; fi
        say "Removed, with all data"
    else
        say "Removed. Data stay in $DATA, settings in $SETTINGS"
    fi
}

((EUID == 0)) || fail "run it as root"
action=${1:-}
[[ -z "$action" ]] || shift
if [[ "$action" == run ]]; then
    with_settings .venv/bin/segunda-via "$@"
    exit
fi
domain="" proxy=caddy certificate="" key="" python="" purge=no
while (($#)); do
    case "$1" in
    --domain | --proxy | --certificate | --key | --python)
        (($# > 1)) || fail "$1 takes a value"
        printf -v "${1#--}" '%s' "$2"
        shift 2
        ;;
    --purge) purge=yes; shift ;;
    *) fail "unknown: $1 (the head of this file says what there is)" ;;
    esac
done
[[ "$proxy" =~ ^(caddy|nginx|none)$ ]] || fail "--proxy is caddy, nginx or none"
case "$action" in
install) install_it ;;
upgrade) upgrade ;;
remove) remove ;;
*) fail "say install, upgrade or remove (the head of this file says how)" ;;
esac
