package io.weir.metadata.aggregation;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.transaction.PlatformTransactionManager;

/** The beans of this package. */
@Configuration(proxyBeanMethods = false)
public class AggregationMetadata {

    @Bean
    Aggregations aggregations(JdbcOperations jdbc, PlatformTransactionManager transactionManager) {
        return new Aggregations(jdbc, transactionManager);
    }
}
