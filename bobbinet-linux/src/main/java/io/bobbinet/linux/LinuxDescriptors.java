package io.bobbinet.linux;

import static io.bobbinet.linux.Constants.AF_INET;
import static io.bobbinet.linux.Constants.AF_INET6;
import static io.bobbinet.linux.Constants.AF_UNIX;
import static io.bobbinet.linux.Constants.FD_CLOEXEC;
import static io.bobbinet.linux.Constants.F_GETFD;
import static io.bobbinet.linux.Constants.F_GETFL;
import static io.bobbinet.linux.Constants.F_SETFD;
import static io.bobbinet.linux.Constants.F_SETFL;
import static io.bobbinet.linux.Constants.O_ACCMODE;
import static io.bobbinet.linux.Constants.O_CLOEXEC;
import static io.bobbinet.linux.Constants.O_NOCTTY;
import static io.bobbinet.linux.Constants.O_NONBLOCK;
import static io.bobbinet.linux.Constants.SOL_SOCKET;
import static io.bobbinet.linux.Constants.SO_DOMAIN;
import static io.bobbinet.linux.Constants.S_IFCHR;
import static io.bobbinet.linux.Constants.S_IFIFO;

import io.bobbinet.spi.DatagramHandle;
import io.bobbinet.spi.DescriptorHandle;
import io.bobbinet.spi.Descriptors;
import io.bobbinet.spi.ListenerHandle;
import io.bobbinet.spi.StreamHandle;
import io.bobbinet.spi.UnixName;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.ProviderMismatchException;
import java.util.Set;

/** What can be done with descriptors. */
final class LinuxDescriptors implements Descriptors {
    /** Less what the umask takes away, as for all files that Java makes. */
    private static final int MODE = 0666;

    private static final byte[] HERE = {'.'};

    private final LinuxPollers pollers;

    LinuxDescriptors(LinuxPollers pollers) {
        this.pollers = pollers;
    }

    // -- opening

    /** Opened non-blocking, since nobody else is there yet whom that could concern, and only so is no FIFO waited for. */
    @Override
    public DescriptorHandle open(Path path, Set<? extends OpenOption> options) throws IOException {
        if (path.getFileSystem() != FileSystems.getDefault()) {
            throw new ProviderMismatchException("Only files of the default file system have descriptors: " + path);
        }
        int flags = OpenFlags.of(options) | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
        byte[] name = UnixName.of(path).bytes();
        byte[] bytes = name.length == 0 ? HERE : name;
        int fd = FileCalls.open(bytes, flags, MODE);
        while (Errno.EINTR.is(fd)) {
            fd = FileCalls.open(bytes, flags, MODE);
        }
        if (fd < 0) {
            throw openFailure(path, fd, (flags & O_ACCMODE) != 0);
        }
        int opened = fd;
        return LinuxBackend.owned(fd, () -> {
            makeBlocking(opened);
            return new LinuxDescriptor(opened);
        });
    }

    /** Except FIFOs and devices, which are told not to wait for us either. */
    private static void makeBlocking(int fd) throws IOException {
        int type = FileCalls.status(fd).type();
        if (type != S_IFIFO && type != S_IFCHR) {
            int flags = Errno.check(Libc.fcntl(fd, F_GETFL, 0));
            Errno.check(Libc.fcntl(fd, F_SETFL, flags & ~O_NONBLOCK));
        }
    }

    private static IOException openFailure(Path path, int result, boolean writing) {
        String file = path.toString();
        if (Errno.ENOENT.is(result)) {
            return Errno.caused(new NoSuchFileException(file), result);
        }
        if (Errno.EACCES.is(result)) {
            return Errno.caused(new AccessDeniedException(file), result);
        }
        if (Errno.EEXIST.is(result)) {
            return Errno.caused(new FileAlreadyExistsException(file), result);
        }
        boolean unread = Errno.ENXIO.is(result) && writing;
        String reason = Errno.text(result) + (unread ? ", as for a FIFO that nobody reads" : "");
        return Errno.caused(new FileSystemException(file, null, reason), result);
    }

    // -- taking over

    @Override
    public DescriptorHandle adopt(int number) throws IOException {
        int flags = Libc.fcntl(number, F_GETFD, 0);
        if (flags >= 0 && (flags & FD_CLOEXEC) == 0) {
            flags = Libc.fcntl(number, F_SETFD, flags | FD_CLOEXEC);
        }
        if (flags < 0) {
            throw Errno.caused(
                    new IOException("No descriptor has the number " + number + ": " + Errno.text(flags)), flags);
        }
        return new LinuxDescriptor(number);
    }

    @Override
    public StreamHandle adoptStream(DescriptorHandle descriptor) throws IOException {
        LinuxDescriptor own = own(descriptor);
        StreamHandle handle = own.use(fd -> new LinuxStreamHandle(fd, family(fd), pollers.next()));
        own.release();
        return handle;
    }

    @Override
    public ListenerHandle adoptListener(DescriptorHandle descriptor) throws IOException {
        LinuxDescriptor own = own(descriptor);
        ListenerHandle handle = own.use(fd -> new LinuxListenerHandle(fd, family(fd), pollers));
        own.release();
        return handle;
    }

    @Override
    public DatagramHandle adoptDatagram(DescriptorHandle descriptor) throws IOException {
        LinuxDescriptor own = own(descriptor);
        DatagramHandle handle = own.use(fd -> LinuxDatagramHandle.adopt(fd, family(fd), pollers.next()));
        own.release();
        return handle;
    }

    private static LinuxDescriptor own(DescriptorHandle descriptor) {
        if (descriptor instanceof LinuxDescriptor own) {
            return own;
        }
        throw new IllegalArgumentException("A descriptor of another backend: " + descriptor);
    }

    private static int family(int fd) throws IOException {
        int family = SocketOptions.number(fd, SOL_SOCKET, SO_DOMAIN);
        if (family == AF_UNIX || family == AF_INET || family == AF_INET6) {
            return family;
        }
        throw new IllegalArgumentException("A socket of the family " + family + ", which is neither IP nor UNIX");
    }

    // -- waiting

    @Override
    public void awaitReadable(int number) throws IOException, InterruptedException {
        ForeignWaits.instance()
                .begin(number, ForeignWaits.Side.READABLE, "await readable")
                .awaitReady();
    }

    @Override
    public void awaitWritable(int number) throws IOException, InterruptedException {
        ForeignWaits.instance()
                .begin(number, ForeignWaits.Side.WRITABLE, "await writable")
                .awaitReady();
    }

    @Override
    public void notifyClosing(int number) {
        ForeignWaits.notifyClosing(number);
    }
}
