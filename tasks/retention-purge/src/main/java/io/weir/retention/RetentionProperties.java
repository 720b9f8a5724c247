package io.weir.retention;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.NestedConfigurationProperty;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The options of retention-purge. {@code dry-run}, {@code restore} and {@code restore-for} may also be parameters of the job,
 * {@code weir.retention.restore=...}, which come first.
 *
 * @param archive where archives are: a folder as ClickHouse sees it, which on a server is one below its user_files, or
 *     {@code s3://bucket/prefix}
 * @param dryRun say what would go, and change nothing
 * @param restore the partition to bring back, such as {@code events:2026-10-01}; empty to purge
 * @param restoreFor how long a partition that was brought back is kept from being purged again
 * @param settle how long an insert may take: of tenants that leave a shared partition, what was stored more recently waits for the
 *     next run
 * @param rowsPerFile more rows than this are archived in several files, of some hours each
 * @param threads how many partitions are worked on at once
 * @param rollupWait how long to wait for a run of rollup-hourly to end before something that it works on is changed
 * @param s3 where S3 is, and how to sign in there
 */
@ConfigurationProperties("weir.retention")
public record RetentionProperties(
        @DefaultValue("archive") String archive,
        @DefaultValue("false") boolean dryRun,
        @DefaultValue("") String restore,
        @DefaultValue("7d") Duration restoreFor,
        @DefaultValue("2m") Duration settle,
        @DefaultValue("50000000") long rowsPerFile,
        @DefaultValue("2") int threads,
        @DefaultValue("10m") Duration rollupWait,
        @DefaultValue @NestedConfigurationProperty S3 s3) {

    /**
     * S3, or what speaks like it.
     *
     * @param endpoint such as {@code https://s3.eu-central-1.amazonaws.com}; the bucket and the prefix are appended
     * @param namedCollection a named collection of ClickHouse that holds url, keys and whatever else; the prefix is appended to its
     *     url. Then the endpoint and the keys here are not used
     * @param accessKeyId empty for what ClickHouse's own machine may do
     * @param secretAccessKey its secret
     */
    public record S3(
            @DefaultValue("https://s3.amazonaws.com") String endpoint,
            @DefaultValue("") String namedCollection,
            @DefaultValue("") String accessKeyId,
            @DefaultValue("") String secretAccessKey) {

        public S3 {
            if (!namedCollection.matches("[A-Za-z0-9_]*")) {
                throw new IllegalArgumentException("weir.retention.s3.named-collection is " + namedCollection
                        + "; it must be letters, digits and '_'");
            }
            if (accessKeyId.isEmpty() != secretAccessKey.isEmpty()) {
                throw new IllegalArgumentException("weir.retention.s3."
                        + (accessKeyId.isEmpty() ? "access-key-id" : "secret-access-key")
                        + " is not set; set both or neither");
            }
        }

        /** Without the secret. */
        @Override
        public String toString() {
            return "S3[" + endpoint + ", " + namedCollection + ", " + accessKeyId + "]";
        }
    }

    /** @throws IllegalArgumentException naming the option, its value and what is allowed */
    public RetentionProperties {
        if (archive.isBlank() || archive.contains("*") || archive.contains("{") || archive.contains("?")) {
            throw new IllegalArgumentException("weir.retention.archive is '" + archive
                    + "'; it must be a folder or s3://bucket/prefix, without * ? and {");
        }
        if (threads < 1 || threads > 16) {
            throw new IllegalArgumentException("weir.retention.threads is " + threads + "; it must be 1 to 16");
        }
        if (rowsPerFile < 1) {
            throw new IllegalArgumentException(
                    "weir.retention.rows-per-file is " + rowsPerFile + "; it must be positive");
        }
        if (settle.isNegative() || rollupWait.isNegative()) {
            throw new IllegalArgumentException(
                    "weir.retention." + (settle.isNegative() ? "settle" : "rollup-wait") + " must not be negative");
        }
        if (restoreFor.isNegative() || restoreFor.isZero()) {
            throw new IllegalArgumentException(
                    "weir.retention.restore-for is " + restoreFor + "; it must be longer than nothing");
        }
    }
}
