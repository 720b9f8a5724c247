package io.weir.metadata.alert;

import io.weir.metadata.audit.AuditLog;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcOperations;

/** The beans of this package. */
@Configuration(proxyBeanMethods = false)
public class AlertMetadata {

    @Bean
    Alerts alerts(JdbcOperations jdbc, AuditLog audit) {
        return new Alerts(jdbc, audit);
    }
}
