package io.weir.metadata;

import io.weir.metadata.aggregation.AggregationMetadata;
import io.weir.metadata.alert.AlertMetadata;
import io.weir.metadata.audit.AuditMetadata;
import io.weir.metadata.ingest.IngestMetadata;
import io.weir.metadata.key.ApiKeyMetadata;
import io.weir.metadata.notify.NotifyMetadata;
import io.weir.metadata.retention.RetentionMetadata;
import io.weir.metadata.rule.RuleMetadata;
import io.weir.metadata.rulebook.RuleBookMetadata;
import io.weir.metadata.silence.SilenceMetadata;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.context.annotation.Import;

/** Makes the metadata available to any Boot application that has this module and a PostgreSQL DataSource. */
@AutoConfiguration(
        beforeName = "org.springframework.boot.data.jdbc.autoconfigure.DataJdbcRepositoriesAutoConfiguration")
@Import({
    AggregationMetadata.class,
    AlertMetadata.class,
    ApiKeyMetadata.class,
    AuditMetadata.class,
    IngestMetadata.class,
    NotifyMetadata.class,
    RetentionMetadata.class,
    RuleBookMetadata.class,
    RuleMetadata.class,
    SilenceMetadata.class
})
public class MetadataConfiguration {}
