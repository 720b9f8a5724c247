package io.weir.metadata.user;

import io.weir.metadata.audit.AuditLog;
import io.weir.metadata.tenant.Tenants;
import java.time.Clock;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.transaction.PlatformTransactionManager;

/** The beans of this package; lazy, because most applications that have the metadata know no users. */
@Configuration(proxyBeanMethods = false)
@Lazy
public class UserMetadata {

    private final Passwords passwords = new Passwords();

    @Bean
    Users users(JdbcOperations jdbc, Tenants tenants, AuditLog audit, PlatformTransactionManager transactionManager) {
        return new Users(jdbc, passwords, tenants, audit, transactionManager, Clock.systemUTC());
    }

    @Bean
    SignIns signIns(JdbcOperations jdbc, Users users) {
        return new SignIns(jdbc, passwords, users);
    }

    @Bean
    PersonalTokens personalTokens(
            JdbcOperations jdbc, Tenants tenants, AuditLog audit, PlatformTransactionManager transactionManager) {
        return new PersonalTokens(jdbc, tenants, audit, transactionManager, Clock.systemUTC());
    }
}
