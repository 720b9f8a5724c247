package io.weir.metadata.ingest;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcOperations;

/** The beans of this package. */
@Configuration(proxyBeanMethods = false)
public class IngestMetadata {

    @Bean
    IngestReceipts ingestReceipts(JdbcOperations jdbc) {
        return new IngestReceipts(jdbc);
    }

    @Bean
    IngestUsage ingestUsage(JdbcOperations jdbc) {
        return new IngestUsage(jdbc);
    }
}
