package io.weir.metadata.retention;

import io.weir.metadata.audit.AuditLog;
import java.time.Clock;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.jdbc.repository.config.EnableJdbcRepositories;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.transaction.PlatformTransactionManager;

/** The beans of this package. */
@Configuration(proxyBeanMethods = false)
@EnableJdbcRepositories(basePackageClasses = RetentionMetadata.class)
public class RetentionMetadata {

    @Bean
    RetentionPolicies retentionPolicies(
            RetentionPolicyRepository repository, AuditLog audit, PlatformTransactionManager transactionManager) {
        return new RetentionPolicies(repository, audit, transactionManager, Clock.systemUTC());
    }

    @Bean
    RetentionHolds retentionHolds(JdbcOperations jdbc) {
        return new RetentionHolds(jdbc);
    }
}
