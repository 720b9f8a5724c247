package io.weir.console.query;

import io.weir.console.warehouse.ServerProperties;
import io.weir.metadata.audit.AuditLog;
import java.time.Clock;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The beans of this package. */
@Configuration(proxyBeanMethods = false)
class QueryConfiguration {

    @Bean
    Queries queries(QueryProperties properties, ServerProperties server, AuditLog audit) {
        return new Queries(
                new ClickHouse(server.settings(), properties.limits()),
                properties.timeout(),
                properties.cache().toBytes(),
                audit::append);
    }

    @Bean
    QueryReader queryReader() {
        return new QueryReader(Clock.systemUTC());
    }
}
