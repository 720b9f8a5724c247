package io.weir.metadata.audit;

import java.time.Clock;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.transaction.PlatformTransactionManager;

/** The beans of this package. */
@Configuration(proxyBeanMethods = false)
public class AuditMetadata {

    @Bean
    AuditLog auditLog(JdbcOperations jdbc, PlatformTransactionManager transactionManager) {
        return new AuditLog(jdbc, transactionManager, Clock.systemUTC());
    }
}
