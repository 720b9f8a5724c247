package io.weir.metadata;

import io.weir.metadata.audit.AuditMetadata;
import io.weir.metadata.ingest.IngestMetadata;
import io.weir.metadata.key.ApiKeyMetadata;
import io.weir.metadata.retention.RetentionMetadata;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.context.annotation.Import;

/** Makes the metadata available to any Boot application that has this module and a PostgreSQL DataSource. */
@AutoConfiguration(
        beforeName = "org.springframework.boot.data.jdbc.autoconfigure.DataJdbcRepositoriesAutoConfiguration")
@Import({ApiKeyMetadata.class, AuditMetadata.class, IngestMetadata.class, RetentionMetadata.class})
public class MetadataConfiguration {}
