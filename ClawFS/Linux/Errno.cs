namespace ClawFS.Linux;

/// <summary>
/// Linux error numbers (include/uapi/asm-generic/errno*.h). The error type at every border below the CLI:
/// 0 is success, values are positive, and the FUSE wire carries them negated.
/// </summary>
public enum Errno
{
#pragma warning disable CS1591 // The names are the kernel's own; errno(3) documents each.
    Ok = 0,
    EPERM = 1,
    ENOENT = 2,
    ESRCH = 3,
    EINTR = 4,
    EIO = 5,
    ENXIO = 6,
    E2BIG = 7,
    EBADF = 9,
    EAGAIN = 11,
    ENOMEM = 12,
    EACCES = 13,
    EBUSY = 16,
    EEXIST = 17,
    EXDEV = 18,
    ENODEV = 19,
    ENOTDIR = 20,
    EISDIR = 21,
    EINVAL = 22,
    ENOTTY = 25,
    EFBIG = 27,
    ENOSPC = 28,
    ESPIPE = 29,
    EROFS = 30,
    EMLINK = 31,
    EPIPE = 32,
    ERANGE = 34,
    ENAMETOOLONG = 36,
    ENOSYS = 38,
    ENOTEMPTY = 39,
    ELOOP = 40,
    ENODATA = 61,
    EPROTO = 71,
    EBADMSG = 74,
    EOVERFLOW = 75,
    EOPNOTSUPP = 95,
    ENOTCONN = 107,
    ESHUTDOWN = 108,
    ETIMEDOUT = 110,
    ECONNREFUSED = 111,
    EHOSTDOWN = 112,
    ESTALE = 116,
    EUCLEAN = 117,
    EDQUOT = 122,
    ENOKEY = 126,
    EKEYREJECTED = 129,
    EREMOTEIO = 121,
    ECANCELED = 125,
#pragma warning restore CS1591
}
