/*
 * Watches one directory and keeps, in another, what would survive a power loss.
 *
 * A file's content survives as of its last fsync or fdatasync; a rename survives with the content
 * that was synced before it. Everything else is lost. Loaded with LD_PRELOAD; the directories come
 * from POWER_LOSS_DISK and POWER_LOSS_SURVIVED. Directory entries survive with the file's first sync, which is
 * kinder than a real disk may be.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int survivor_of(const char *path, char *out) {
    const char *disk = getenv("POWER_LOSS_DISK"), *kept = getenv("POWER_LOSS_SURVIVED");
    size_t length = disk ? strlen(disk) : 0;
    if (!disk || !kept || strncmp(path, disk, length) || path[length] != '/') return 0;
    snprintf(out, PATH_MAX, "%s%s", kept, path + length);
    return 1;
}

static void keep(int descriptor) {
    char link[64], path[PATH_MAX], kept[PATH_MAX], buffer[65536];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1), got;
    if (length < 0) return;
    path[length] = 0;
    if (!survivor_of(path, kept)) return;
    int from = open(path, O_RDONLY);
    if (from < 0) return;
    int to = open(kept, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    while (to >= 0 && (got = read(from, buffer, sizeof buffer)) > 0)
        if (write(to, buffer, got) != got) abort();
    close(from);
    if (to >= 0) close(to);
}

int fdatasync(int descriptor) {
    int (*real)(int) = dlsym(RTLD_NEXT, "fdatasync");
    int result = real(descriptor);
    if (result == 0) keep(descriptor);
    return result;
}

int fsync(int descriptor) {
    int (*real)(int) = dlsym(RTLD_NEXT, "fsync");
    int result = real(descriptor);
    if (result == 0) keep(descriptor);
    return result;
}

int rename(const char *old, const char *new) {
    int (*real)(const char *, const char *) = dlsym(RTLD_NEXT, "rename");
    char kept_old[PATH_MAX], kept_new[PATH_MAX];
    int result = real(old, new);
    if (result == 0 && survivor_of(old, kept_old) && survivor_of(new, kept_new))
        real(kept_old, kept_new);
    return result;
}
