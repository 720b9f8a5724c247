package io.weir.metadata.aggregation;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcOperations;

/** The beans of this package. */
@Configuration(proxyBeanMethods = false)
public class AggregationMetadata {

    @Bean
    Aggregations aggregations(JdbcOperations jdbc) {
        return new Aggregations(jdbc);
    }
}
