package io.weir.metadata.key;

import java.time.Clock;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.jdbc.core.JdbcAggregateOperations;
import org.springframework.data.jdbc.repository.config.EnableJdbcRepositories;

/** The beans of this package. */
@Configuration(proxyBeanMethods = false)
@EnableJdbcRepositories(basePackageClasses = ApiKeyMetadata.class)
public class ApiKeyMetadata {

    @Bean
    ApiKeys apiKeys(ApiKeyRepository repository, JdbcAggregateOperations aggregates) {
        return new ApiKeys(repository, aggregates, Clock.systemUTC());
    }
}
