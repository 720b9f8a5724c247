package io.weir.metadata.subscription;

import io.weir.metadata.audit.AuditLog;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.transaction.PlatformTransactionManager;

/** The beans of this package. */
@Configuration(proxyBeanMethods = false)
public class SubscriptionMetadata {

    @Bean
    Subscriptions subscriptions(JdbcOperations jdbc, AuditLog audit, PlatformTransactionManager transactionManager) {
        return new Subscriptions(jdbc, audit, transactionManager);
    }
}
