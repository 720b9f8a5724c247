package io.weir.console.sql;

import java.util.Locale;
import java.util.Optional;

/** How a result is written. */
enum ResultFormat {
    JSON("JSON", "application/json", "json"),
    NDJSON("JSONEachRow", "application/x-ndjson", "ndjson"),
    CSV("CSVWithNames", "text/csv", "csv"),
    PARQUET("Parquet", "application/vnd.apache.parquet", "parquet"),
    ARROW("ArrowStream", "application/vnd.apache.arrow.stream", "arrows");

    final String clickHouse;
    final String mediaType;
    final String suffix;

    ResultFormat(String clickHouse, String mediaType, String suffix) {
        this.clickHouse = clickHouse;
        this.mediaType = mediaType;
        this.suffix = suffix;
    }

    static Optional<ResultFormat> named(String name) {
        for (ResultFormat format : values()) {
            if (format.name().toLowerCase(Locale.ROOT).equals(name)) {
                return Optional.of(format);
            }
        }
        return Optional.empty();
    }

    /** The first of an Accept header that can be served; JSON for those who take anything. */
    static Optional<ResultFormat> accepted(String accept) {
        for (String one : accept.split(",")) {
            String type = one.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
            if (type.equals("*/*") || type.equals("application/*") || type.isEmpty()) {
                return Optional.of(JSON);
            }
            for (ResultFormat format : values()) {
                if (format.mediaType.equals(type)) {
                    return Optional.of(format);
                }
            }
            if (type.equals("text/*")) {
                return Optional.of(CSV);
            }
        }
        return Optional.empty();
    }
}
