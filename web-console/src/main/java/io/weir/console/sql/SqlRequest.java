package io.weir.console.sql;

import static io.swagger.v3.oas.annotations.media.Schema.RequiredMode.REQUIRED;

import io.swagger.v3.oas.annotations.media.Schema;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A statement to run.
 *
 * @param sql one statement, without a FORMAT clause
 * @param parameters values of {@code {name:Type}} in it
 * @param format json, ndjson, csv, parquet or arrow; what the Accept header says if it is not given
 * @param id a UUID under which the query can be cancelled while it runs; made if it is not given
 */
record SqlRequest(
        @Schema(requiredMode = REQUIRED) @Nullable String sql,
        @Nullable Map<String, @Nullable Object> parameters,
        @Nullable String format,
        @Nullable String id) {}
