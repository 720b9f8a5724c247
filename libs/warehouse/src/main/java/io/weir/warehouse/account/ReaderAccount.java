package io.weir.warehouse.account;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * A ClickHouse user that reads one tenant's rows, or everybody's, through the views of {@link ReaderViews}, and can do nothing
 * else.
 *
 * <p>Its name says whose rows it sees, and the row filter goes by the name alone: what follows the first underscore is the
 * tenant. A label has no underscore and a tenant does not begin with one, so no two tenants share a name.
 *
 * @param label what tells the accounts of a tenant apart: a letter, then letters and digits in lower case, 31 at most
 * @param tenant whose rows it sees; null for those of every tenant
 * @param masked whether personal columns are hidden from it
 * @param passwordSha256 in hexadecimal
 */
public record ReaderAccount(
        String label, @Nullable String tenant, boolean masked, Use use, String passwordSha256, Limits limits) {

    /** Who is behind an account. */
    public enum Use {
        /** People, through the console, which says who asks and flags a result that was cut off. */
        PEOPLE,
        /** A program: a result beyond the limit is an error, for nobody would tell it that it was cut off. */
        PROGRAM
    }

    private static final Pattern LABEL = Pattern.compile("[a-z][a-z0-9]{0,30}");
    private static final Pattern TENANT = Pattern.compile("[a-z0-9][a-z0-9_-]{0,62}");
    private static final Pattern SHA_256 = Pattern.compile("[0-9a-f]{64}");
    static final String EVERY_TENANT = "_all";

    /**
     * What no query can do without and that is harmless: how results are written. Everything else is constant, because
     * {@code readonly} is 1.
     */
    static final List<String> CHANGEABLE = List.of(
            "date_time_input_format",
            "date_time_output_format",
            "enable_http_compression",
            "extremes",
            "format_csv_delimiter",
            "http_headers_progress_interval_ms",
            "http_zlib_compression_level",
            "join_use_nulls",
            "limit",
            "log_comment",
            "offset",
            "output_format_arrow_compression_method",
            "output_format_arrow_string_as_string",
            "output_format_binary_write_json_as_string",
            "output_format_json_named_tuples_as_objects",
            "output_format_json_quote_64bit_integers",
            "output_format_json_quote_decimals",
            "output_format_json_quote_denormals",
            "output_format_native_write_json_as_string",
            "output_format_parquet_compression_method",
            "send_progress_in_http_headers",
            "session_timezone");

    public ReaderAccount {
        requireValid(label, tenant);
        if (!SHA_256.matcher(passwordSha256).matches()) {
            throw new IllegalArgumentException("not a SHA-256 in hexadecimal");
        }
    }

    /**
     * Whether there can be an account of that label and tenant.
     *
     * @throws IllegalArgumentException if not; the message says why
     */
    public static void requireValid(String label, @Nullable String tenant) {
        if (!LABEL.matcher(label).matches()) {
            throw new IllegalArgumentException(
                    "name '" + label + "' is not valid: 1 to 31 of a-z and 0-9, starting with a letter");
        }
        if (tenant != null && !TENANT.matcher(tenant).matches()) {
            throw new IllegalArgumentException("tenant '" + tenant
                    + "' is not valid: 1 to 63 of a-z, 0-9, '-' and '_', starting with a letter or digit");
        }
    }

    /** The name with which it signs in to ClickHouse. */
    public String username() {
        return username(label, tenant);
    }

    /** The name with which an account of that label and tenant signs in. */
    public static String username(String label, @Nullable String tenant) {
        return label + "_" + (tenant == null ? EVERY_TENANT : tenant);
    }

    /** What is stored of a password. */
    public static String sha256(String password) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(password.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /**
     * The password of an account whose user never sees one, made from a secret that its keepers share.
     *
     * @param secret not empty
     */
    public static String derivedPassword(String secret, String username) {
        if (secret.isEmpty()) {
            throw new IllegalArgumentException("a password cannot be made from an empty secret");
        }
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            byte[] bytes = mac.doFinal(("weir reader " + username).getBytes(StandardCharsets.UTF_8));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has HMAC-SHA256", e);
        }
    }

    Map<String, String> constants() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("readonly", "1");
        settings.put("max_execution_time", Long.toString(limits.executionTime().toSeconds()));
        settings.put("timeout_overflow_mode", "throw");
        settings.put("max_memory_usage", Long.toString(limits.memoryBytes()));
        settings.put("max_memory_usage_for_user", Long.toString(2 * limits.memoryBytes()));
        settings.put("max_rows_to_read", Long.toString(limits.readRows()));
        settings.put("max_bytes_to_read", Long.toString(limits.readBytes()));
        settings.put("read_overflow_mode", "throw");
        settings.put("max_result_rows", Long.toString(limits.resultRows()));
        settings.put("max_result_bytes", Long.toString(limits.resultBytes()));
        settings.put("result_overflow_mode", use == Use.PEOPLE ? "break" : "throw");
        settings.put("max_threads", Integer.toString(limits.threads()));
        settings.put("max_concurrent_queries_for_user", Integer.toString(limits.concurrentQueries()));
        // Spilling sorts and joins to disk would get round the limit on memory at the disk's expense.
        settings.put("max_temporary_data_on_disk_size_for_query", Long.toString(2 * limits.memoryBytes()));
        settings.put("max_query_size", "262144");
        settings.put("max_ast_depth", "1000");
        settings.put("max_ast_elements", "50000");
        settings.put("allow_ddl", "0");
        settings.put("allow_introspection_functions", "0");
        settings.put("cancel_http_readonly_queries_on_client_close", "1");
        // The id, the time and the tenant of an event are in the sorting key: no two days hold the same event.
        settings.put("do_not_merge_across_partitions_select_final", "1");
        settings.put("log_queries", "1");
        return settings;
    }

    /** Without the password's hash. */
    @Override
    public String toString() {
        return "ReaderAccount[" + username() + (masked ? ", masked" : "") + "]";
    }
}
