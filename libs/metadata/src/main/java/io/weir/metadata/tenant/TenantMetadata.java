package io.weir.metadata.tenant;

import io.weir.metadata.audit.AuditLog;
import java.time.Clock;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.transaction.PlatformTransactionManager;

/** The beans of this package. */
@Configuration(proxyBeanMethods = false)
public class TenantMetadata {

    @Bean
    Tenants tenants(JdbcOperations jdbc, AuditLog audit, PlatformTransactionManager transactionManager) {
        return new Tenants(jdbc, audit, transactionManager, Clock.systemUTC());
    }
}
