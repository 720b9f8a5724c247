package io.weir.metadata.retention;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.springframework.data.annotation.Id;
import org.springframework.data.relational.core.mapping.Table;

/**
 * How long a tenant's rows of a table are kept.
 *
 * @param id null before it is stored
 * @param tenant empty for every tenant that has no policy of its own
 * @param tableName one of {@link RetainedTable}
 * @param keepDays full days after the day of the row, 1 to 36500; null for ever
 */
@Table("retention_policies")
public record RetentionPolicy(
        @Id @Nullable Long id,
        String tenant,
        String tableName,
        @Nullable Integer keepDays,
        String changedBy,
        Instant changedAt) {}
