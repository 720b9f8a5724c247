package io.weir.metadata;

import io.weir.metadata.ingest.IngestMetadata;
import io.weir.metadata.key.ApiKeyMetadata;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.context.annotation.Import;

/** Makes the metadata available to any Boot application that has this module and a PostgreSQL DataSource. */
@AutoConfiguration(
        beforeName = "org.springframework.boot.data.jdbc.autoconfigure.DataJdbcRepositoriesAutoConfiguration")
@Import({ApiKeyMetadata.class, IngestMetadata.class})
public class MetadataConfiguration {}
