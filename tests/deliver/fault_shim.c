/* Makes a real sftp-server fail in the way that FAULT names, at files whose path holds FAULT_WHERE.
   Loaded before the C library (LD_PRELOAD). The fault is read from the file FAULT_FILE once a process. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char fault[64];

static int planned(const char *name)
{
    if (!fault[0]) {
        const char *file = getenv("FAULT_FILE");
        FILE *plan = file ? fopen(file, "r") : NULL;
        strcpy(fault, "none");
        if (plan) {
            if (fgets(fault, sizeof fault, plan))
                fault[strcspn(fault, "\n")] = 0;
            fclose(plan);
        }
    }
    return strcmp(fault, name) == 0;
}

static int chosen_path(const char *path)
{
    const char *where = getenv("FAULT_WHERE");
    return where && strstr(path, where) != NULL;
}

static int chosen(int fd)
{
    char link[64], path[4096];
    struct stat seen;
    ssize_t length;
    if (fstat(fd, &seen) != 0 || !S_ISREG(seen.st_mode))
        return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    length = readlink(link, path, sizeof path - 1);
    if (length < 0)
        return 0;
    path[length] = 0;
    return chosen_path(path);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int fd, const void *data, size_t count)
{
    if (chosen(fd)) {
        off_t offset = lseek(fd, 0, SEEK_CUR);
        if ((planned("the first write fails") && offset == 0) ||
            (planned("the last write fails") && count < 32000)) {
            errno = EIO;
            return -1;
        }
        if (planned("the disk is full") && offset > 50000) {
            errno = ENOSPC;
            return -1;
        }
        if (planned("the quota is used up") && offset > 50000) {
            errno = EDQUOT;
            return -1;
        }
        if (planned("one byte is stored wrong") && offset == 0 && count) {
            char *copy = malloc(count);
            ssize_t done;
            memcpy(copy, data, count);
            copy[0] ^= 1;
            done = REAL(write)(fd, copy, count);
            free(copy);
            return done;
        }
        if (planned("the second half is dropped") && offset > 100000) {
            lseek(fd, count, SEEK_CUR);
            return count;
        }
        if (planned("the server dies in the middle") && offset > 100000)
            _exit(1);
        if (planned("the server stops answering") && offset > 100000)
            sleep(20);
    }
    return REAL(write)(fd, data, count);
}

ssize_t read(int fd, void *data, size_t count)
{
    if (chosen(fd)) {
        off_t offset = lseek(fd, 0, SEEK_CUR);
        if (planned("reading fails") && offset > 0) {
            errno = EIO;
            return -1;
        }
        if (planned("reading ends early") && offset > 0)
            return 0;
        if (planned("the server dies while reading") && offset > 0)
            _exit(1);
        if (planned("the server stops answering reads") && offset > 0)
            sleep(20);
        if (planned("reads give other bytes each time")) {
            ssize_t done = REAL(read)(fd, data, count);
            if (done > 0)
                ((char *)data)[0] ^= (char)(getpid() + lseek(fd, 0, SEEK_CUR) + (rand() % 255));
            return done;
        }
    }
    return REAL(read)(fd, data, count);
}

int close(int fd)
{
    if (planned("the close fails") && chosen(fd) && (fcntl(fd, F_GETFL) & O_ACCMODE) != O_RDONLY) {
        REAL(close)(fd);
        errno = EIO;
        return -1;
    }
    return REAL(close)(fd);
}

int fsync(int fd)
{
    if (planned("bringing it to the disk fails") && chosen(fd)) {
        errno = EIO;
        return -1;
    }
    return REAL(fsync)(fd);
}

int open(const char *path, int flags, ...)
{
    va_list more;
    mode_t mode;
    va_start(more, flags);
    mode = va_arg(more, mode_t);
    va_end(more);
    if (planned("permission is lost") && chosen_path(path)) {
        errno = EACCES;
        return -1;
    }
    return REAL(open)(path, flags, mode);
}

int rename(const char *old, const char *new)
{
    int done;
    if (planned("the rename fails") && chosen_path(new)) {
        errno = EIO;
        return -1;
    }
    done = REAL(rename)(old, new);
    if (planned("the server dies after the rename") && chosen_path(new))
        _exit(1);
    return done;
}
