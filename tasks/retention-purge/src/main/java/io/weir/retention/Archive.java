package io.weir.retention;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where archives are: a folder that ClickHouse reads and writes, or S3. */
final class Archive {

    private static final Pattern S3 = Pattern.compile("s3://([a-z0-9.-]{3,63})(?:/(.*))?");

    private final String root;
    private final RetentionProperties.S3 s3;
    private final boolean isS3;

    /** @throws IllegalArgumentException naming the option if the address makes no sense */
    Archive(RetentionProperties properties) {
        s3 = properties.s3();
        String place = properties.archive().replaceAll("/+$", "");
        isS3 = place.startsWith("s3:");
        if (isS3) {
            Matcher parts = S3.matcher(place);
            if (!parts.matches()) {
                throw new IllegalArgumentException(
                        "weir.retention.archive is " + place + "; it must be s3://bucket or s3://bucket/prefix");
            }
            String prefix = parts.group(2) == null ? "" : parts.group(2);
            root = s3.namedCollection().isEmpty()
                    ? s3.endpoint().replaceAll("/+$", "") + "/" + parts.group(1)
                            + (prefix.isEmpty() ? "" : "/" + prefix)
                    : prefix;
        } else {
            root = place;
        }
    }

    /**
     * A file as a table function, to be read or, after {@code INSERT INTO FUNCTION}, written.
     *
     * @param file below the root; may have {@code *} in it to read several
     */
    String function(String file, ArchivedTable table) {
        String path = root.isEmpty() ? file : root + "/" + file;
        String structure = Statements.literal(table.structure());
        if (!isS3) {
            return "file(" + Statements.literal(path) + ", 'Parquet', " + structure + ")";
        }
        if (!s3.namedCollection().isEmpty()) {
            return "s3(" + s3.namedCollection() + ", filename = " + Statements.literal(path)
                    + ", format = 'Parquet', structure = " + structure + ")";
        }
        String keys = s3.accessKeyId().isEmpty()
                ? ""
                : Statements.literal(s3.accessKeyId()) + ", " + Statements.literal(s3.secretAccessKey()) + ", ";
        return "s3(" + Statements.literal(path) + ", " + keys + "'Parquet', " + structure + ")";
    }

    /** Whether a view over it would hold no keys. */
    boolean mayBeViewed() {
        return !isS3 || !s3.namedCollection().isEmpty() || s3.accessKeyId().isEmpty();
    }

    /** Puts a file and its folders on the disk for good, where they are on this machine; elsewhere their own file system sees to it. */
    void sync(String file) {
        Path folder = Path.of(root);
        Path path = folder.resolve(file);
        if (isS3 || !path.isAbsolute() || !Files.isReadable(path)) {
            return;
        }
        for (Path next = path; next != null && next.startsWith(folder); next = next.getParent()) {
            try (FileChannel channel = FileChannel.open(next, StandardOpenOption.READ)) {
                channel.force(true);
            } catch (IOException e) {
                throw new UncheckedIOException("the archive " + next + " could not be put on the disk", e);
            }
        }
    }

    @Override
    public String toString() {
        return root;
    }
}
