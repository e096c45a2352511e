#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Runs a command in a small virtual machine that has Debian's kernel with its ppp modules, and this
# machine's files: the root file system is this one, read-only, under a writable layer in memory. For
# tests that the running kernel can't do (no /dev/ppp in many sandboxes).
# Usage: tests/pppoe/vm.sh WORK_FOLDER COMMAND [ARGUMENT]...
# The console goes to stdout; the exit status is the command's. 77: skipped, with the reason.
# Inside, WORK_FOLDER is /mnt and writable; pppd and pppoe-server are in the PATH. Not its job: what
# is run (inside.sh).
set -eu

work=$1
shift
mkdir -p "$work"
work=$(cd "$work" && pwd)
memory=${VM_MEMORY:-768}
limit=${VM_LIMIT:-300} # seconds for the whole machine

skip() {
    echo "vm: SKIPPED: $*"
    exit 77
}

[ "$(uname -m)" = x86_64 ] || skip "only for x86_64 hosts"
command -v qemu-system-x86_64 >/dev/null ||
    skip "qemu-system-x86_64 is not installed (tools/setup.sh vm)"

# --- kernel, busybox, pppd, pppoe-server: unpacked, never installed -------------------------------
if [ ! -f "$work/unpacked" ]; then
    command -v apt-get >/dev/null || skip "no apt-get to fetch Debian's kernel with"
    rm -rf "$work/root" "$work/debs"
    mkdir -p "$work/root" "$work/debs"
    kernel=$(apt-cache depends linux-image-amd64 2>/dev/null |
        sed -n 's/.*Depends: \(linux-image-[0-9].*-amd64\)$/\1/p' | head -n 1)
    [ -n "$kernel" ] || skip "apt-cache does not know linux-image-amd64 (apt-get update?)"
    echo "vm: fetching $kernel, busybox, ppp, pppoe"
    (cd "$work/debs" && apt-get download -q "$kernel" busybox-static ppp pppoe libpcap0.8 libdbus-1-3 >apt.log 2>&1) ||
        skip "apt-get download failed: $(tail -n 1 "$work/debs/apt.log")"
    for deb in "$work"/debs/*.deb; do
        dpkg -x "$deb" "$work/root"
    done
    rm -f "$work"/debs/*.deb
    touch "$work/unpacked"
fi
version=$(ls "$work/root/lib/modules")

# --- the first file system: busybox, the modules, and an init that mounts ours --------------------
init=$work/initramfs
rm -rf "$init"
mkdir -p "$init/bin" "$init/proc" "$init/lower" "$init/upper" "$init/new" "$init/lib/modules/$version"
cp "$work/root/bin/busybox" "$init/bin/"
cd "$work/root/lib/modules/$version"
for folder in kernel/drivers/virtio kernel/net/9p kernel/fs/9p kernel/fs/netfs kernel/fs/fscache \
    kernel/fs/overlayfs; do
    mkdir -p "$init/lib/modules/$version/$folder"
    cp "$folder"/*.ko "$init/lib/modules/$version/$folder/"
done
cp modules.order modules.builtin "$init/lib/modules/$version/" 2>/dev/null || :
[ -f modules.dep ] || "$work/root/bin/busybox" depmod -b "$work/root" "$version"
"$work/root/bin/busybox" depmod -b "$init" "$version"
cd "$work"

quoted=
for word in "$@"; do
    quoted="$quoted '$(printf %s "$word" | sed "s/'/'\\\\''/g")'"
done
cat >"$work/command" <<EOF
cd '${VM_CWD:-/}' && exec $quoted
EOF
rm -f "$work/status" "$work/pppd.bin" "$work/pppd.txt"

cat >"$init/init" <<EOF
#!/bin/busybox sh
b=/bin/busybox
\$b mount -t proc proc /proc
for m in virtio_pci 9pnet_virtio 9p overlay; do \$b modprobe \$m || echo "vm: no module \$m"; done
\$b mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000,ro,cache=loose host /lower || \$b poweroff -f
\$b mount -t tmpfs tmpfs /upper
\$b mkdir -p /upper/up /upper/work
\$b mount -t overlay -o lowerdir=/lower,upperdir=/upper/up,workdir=/upper/work overlay /new
\$b mount -t proc proc /new/proc
\$b mount -t sysfs sysfs /new/sys
\$b mount -t devtmpfs dev /new/dev
\$b mkdir -p /new/dev/pts /new/run /new/lib/modules /new/dev/shm
\$b mount -t devpts devpts /new/dev/pts
\$b mount -t tmpfs tmpfs /new/dev/shm
\$b mount -t tmpfs tmpfs /new/run
\$b mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000 work /new/mnt || echo "vm: no work share"
\$b mount -t tmpfs tmpfs /new/var/tmp
exec \$b switch_root /new /bin/sh /mnt/stage2
EOF
chmod +x "$init/init"

cat >"$work/stage2" <<EOF
b=/mnt/root/bin/busybox
export PATH=/mnt/root/usr/sbin:/mnt/root/usr/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export HOME=/root LC_ALL=C.UTF-8 TMPDIR=/var/tmp
mkdir -p /lib/modules/$version
mount --bind /mnt/root/lib/modules/$version /lib/modules/$version
# Their libraries; not by LD_LIBRARY_PATH, which would make every other program search there too.
for lib in /mnt/root/usr/lib/x86_64-linux-gnu/lib*.so.* /mnt/root/lib/x86_64-linux-gnu/lib*.so.*; do
    [ -e "\$lib" ] && [ ! -e "/usr/lib/x86_64-linux-gnu/\${lib##*/}" ] && cp -a "\$lib" /usr/lib/x86_64-linux-gnu/
done
# The kernel loads what it is asked for by itself, with this.
ln -sf /mnt/root/bin/busybox /sbin/modprobe
for m in veth pppoe ppp_async crc32c_generic; do \$b modprobe \$m; done
ip link set lo up
sh /mnt/command
echo \$? >/mnt/status
sync
\$b poweroff -f
EOF
(cd "$init" && find . | "$work/root/bin/busybox" cpio -o -H newc 2>/dev/null | gzip -1 >"$work/initramfs.gz")

# Never KVM: where this machine is virtual itself it may be there and abort or hang, and the test waits more than it computes.
ended=0
timeout "$limit" qemu-system-x86_64 -accel tcg -cpu max,la57=off -smp 2 -m "$memory" -nographic -no-reboot \
    -nodefaults -serial stdio -kernel "$work"/root/boot/vmlinuz-* -initrd "$work/initramfs.gz" \
    -append "console=ttyS0 quiet panic=-1 rdinit=/init mitigations=off" \
    -fsdev local,id=host,path=/,security_model=none,readonly=on,multidevs=remap \
    -device virtio-9p-pci,fsdev=host,mount_tag=host \
    -fsdev local,id=work,path="$work",security_model=none,multidevs=remap \
    -device virtio-9p-pci,fsdev=work,mount_tag=work </dev/null || ended=$?
[ -f "$work/status" ] && exit "$(cat "$work/status")"
[ "$ended" != 124 ] || echo "vm: ended by the limit of $limit s"
echo "vm: the machine did not get to its end"
exit 1
