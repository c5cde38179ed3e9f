#!/bin/bash
# Becomes a machine: an overlay of / with `upper` on top, then systemd.
# usage: boot.sh ROOT NAME, in new net, pid, mount, uts, ipc, cgroup and time
# namespaces. Says UP and waits for a line: that its network is there.
set -eu
root=$1 name=$2 m=$1/m

mount --make-rprivate /
mkdir -p "$root/work" "$m"
mount -t overlay overlay \
  -o "lowerdir=/,upperdir=$root/upper,workdir=$root/work" "$m"
mount -t proc proc "$m/proc"
mount -t sysfs -o ro sysfs "$m/sys"
mount -t cgroup2 cgroup2 "$m/sys/fs/cgroup"
mount -t tmpfs -o mode=755 tmpfs "$m/run"
mount -t tmpfs -o mode=1777 tmpfs "$m/tmp"
mount -t tmpfs -o size=8m,mode=1777 tmpfs "$m/data"
mount -t tmpfs -o mode=755 tmpfs "$m/dev"
for device in null zero full random urandom tty; do
  : >"$m/dev/$device"
  mount --bind "/dev/$device" "$m/dev/$device"
done
mkdir "$m/dev/pts" "$m/dev/shm" "$m/dev/driver"
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,gid=5 devpts \
  "$m/dev/pts"
ln -s pts/ptmx "$m/dev/ptmx"
ln -s /proc/self/fd "$m/dev/fd"
mount --bind "$root/driver" "$m/dev/driver"
# What the kernel would say, for journald and dmesg (kernel_log.py).
: >"$m/dev/kmsg"
mount --bind "$root/kmsg" "$m/dev/kmsg"
# The rest of /proc/sys is the real machine's.
mount --bind "$m/proc/sys" "$m/proc/sys"
mount -o remount,bind,ro "$m/proc/sys"
if test -e "$root/boot_id"; then cp "$root/boot_id" "$m/run/boot_id"
else cat /proc/sys/kernel/random/uuid >"$m/run/boot_id"; fi
mount --bind "$m/run/boot_id" "$m/proc/sys/kernel/random/boot_id"
# Nor is the load of all machines, and of the tests, this one's.
echo "0.10 0.10 0.10 1/100 100" >"$m/run/loadavg"
mount --bind "$m/run/loadavg" "$m/proc/loadavg"
mkdir "$m/run/sshd"
: >"$m/run/utmp" # nobody is logged in; systemd-tmpfiles makes it
mkdir -m 777 "$m/run/gpu" # who holds GPU memory (stand_in/gpu_memory.py)
hostname "$name"
cd "$m"
pivot_root . old
umount -l /old

echo UP
read -r _
# Without CAP_SYS_BOOT a reboot ends this namespace and nothing else.
exec setpriv --bounding-set -sys_boot --inh-caps -all \
  env -i container=machine \
  PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
  /lib/systemd/systemd --system --unit=machine.target \
  --log-target=null --show-status=no
