# Goes into a copy of this system that is thrown away, and tries the packages there.
# enter.sh ROOT FOLDER URL; in a mount namespace of its own.
set -eu
root=$1 folder=$2 url=$3

mount -t tmpfs none "$root"
mkdir "$root/up" "$root/work" "$root/all"
mount -t overlay none -o "lowerdir=/,upperdir=$root/up,workdir=$root/work" "$root/all"
for shared in proc sys dev; do
  mount --rbind "/$shared" "$root/all/$shared"
done
for own in tmp run mnt; do
  mount -t tmpfs none "$root/all/$own"
done
cp "$folder"/* "$root/all/mnt"
exec chroot "$root/all" /usr/bin/dbus-run-session -- /bin/sh /mnt/try.sh "$url"
