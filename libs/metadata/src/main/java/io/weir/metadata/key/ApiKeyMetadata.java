package io.weir.metadata.key;

import io.weir.metadata.audit.AuditLog;
import io.weir.metadata.tenant.Tenants;
import java.time.Clock;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.jdbc.core.JdbcAggregateOperations;
import org.springframework.data.jdbc.repository.config.EnableJdbcRepositories;
import org.springframework.transaction.PlatformTransactionManager;

/** The beans of this package. */
@Configuration(proxyBeanMethods = false)
@EnableJdbcRepositories(basePackageClasses = ApiKeyMetadata.class)
public class ApiKeyMetadata {

    @Bean
    ApiKeys apiKeys(
            ApiKeyRepository repository,
            JdbcAggregateOperations aggregates,
            Tenants tenants,
            AuditLog audit,
            PlatformTransactionManager transactionManager) {
        return new ApiKeys(repository, aggregates, tenants, audit, transactionManager, Clock.systemUTC());
    }
}
