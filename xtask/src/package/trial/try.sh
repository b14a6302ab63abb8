# Installs, uses and removes the packages. try.sh URL; in a system that may be spoilt.
set -eu
url=$1

say() { echo "  $*"; }
fail() {
  echo "the packages: $*" >&2
  exit 1
}
# until_true WHAT COMMAND…: waits for something that takes a moment.
until_true() {
  what=$1
  shift
  tries=300
  until "$@"; do
    tries=$((tries - 1))
    [ $tries -gt 0 ] || {
      # Whatever of it is gone meanwhile, what failed is said.
      [ -z "${window:-}" ] || show_window || true
      fail "$what"
    }
    sleep 0.1
  done
}
is_whole() { [ -f "$1" ] && [ "$(sha256sum <"$1")" = "$sha256" ]; }
# Is it on the screen? Nobody waits for a program that is gone.
window_is_there() {
  [ "$(cut -d ' ' -f 3 /proc/$window/stat)" != Z ] || fail "the window's program ended: $(cat /mnt/window.log)"
  xwininfo -root -tree >/mnt/screen.log 2>&1
  grep -q '"Gannet": ("gannet-desktop"' /mnt/screen.log
}
# What a program that does not do what it should is at, for whoever reads the log of a machine that is gone.
show_window() {
  cat /mnt/window.log /mnt/screen.log
  for thread in /proc/$window/task/*; do
    echo "$(cat "$thread/comm"): $(cat "$thread/wchan" 2>/dev/null) $(cat "$thread/stat")"
  done
}

# A person of one's own, with nothing in the way.
HOME=/mnt/person
LANG=C.UTF-8
export HOME LANG
unset XDG_DATA_HOME XDG_CONFIG_HOME XDG_CACHE_HOME XDG_DOWNLOAD_DIR
mkdir -p "$HOME/Downloads"
cd "$HOME"

# A machine on which either was installed before would prove nothing.
dpkg --purge gannet-desktop gannet >/dev/null 2>&1 || true
dpkg --install /mnt/*.deb >/mnt/install.log 2>&1 || {
  cat /mnt/install.log
  fail "they cannot be installed"
}
dpkg --verify gannet gannet-desktop | grep -v '/usr/share/\(doc\|man\)/' && fail "files are not as they were packed"
say "installed: $(dpkg-query --show --showformat '${Package} ${Version} ' gannet gannet-desktop)"

for part in /usr/bin/gannet man1/gannet.1.gz man1/gannet-get.1.gz bash-completion/completions/gannet \
  zsh/vendor-completions/_gannet fish/vendor_completions.d/gannet.fish; do
  dpkg --listfiles gannet | grep -q "$part\$" || fail "$part is in no package"
done
dpkg --listfiles gannet-desktop | grep -q "man1/gannet-desktop.1.gz\$" || fail "the window has no manual page"
for kind in x-scheme-handler/gannet application/metalink4+xml application/metalink+xml; do
  grep -q "^$kind=.*gannet-desktop.desktop" /usr/share/applications/mimeinfo.cache || fail "$kind opens something else"
done

/usr/bin/gannet get --quiet -d "$HOME" "${url}by-command.bin" || fail "gannet get does not download"
# Through one connection, in order, past the disk: what the server has.
sha256=$(/usr/bin/gannet get --quiet -x 1 -o - "${url}in-order.bin" | sha256sum)
is_whole "$HOME/by-command.bin" || fail "what gannet get downloaded is not what the server has"
say "gannet get: the file is what the server has"

/usr/bin/gannet-desktop 2>/mnt/window.log &
window=$!
until_true "the window does not open" window_is_there
until_true "the window is not found by other programs" test -f "$HOME/.local/share/gannet/runtime.json"
/usr/bin/gannet add "${url}by-window.bin" >/dev/null || fail "gannet add does not reach the window"
arrived() { file=$(find "$HOME/Downloads" -name by-window.bin) && [ -n "$file" ] && is_whole "$file"; }
until_true "the window does not download" arrived
say "gannet-desktop: its window is there, and what was added is what the server has"

kill -TERM $window
begun=$(date +%s%N)
wait $window || fail "the window does not end well: $(cat /mnt/window.log)"
took_ms=$((($(date +%s%N) - begun) / 1000000))
[ $took_ms -le 2000 ] || fail "the window takes $took_ms ms to end"
say "ended in $took_ms ms"

dpkg --listfiles gannet gannet-desktop | grep '^/usr/.*gannet' >/mnt/files
dpkg --purge gannet-desktop gannet >/dev/null || fail "they cannot be removed"
while read -r path; do
  [ -d "$path" ] || [ ! -e "$path" ] || fail "$path is left behind"
done </mnt/files
is_whole "$file" || fail "removing the packages took the downloaded file"
[ -s "$HOME/.local/share/gannet/gannet.db" ] || fail "removing the packages took the list"
say "removed; the list and the files are still there"
