package io.weir.metadata.notify;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.jdbc.core.JdbcAggregateOperations;
import org.springframework.data.jdbc.repository.config.EnableJdbcRepositories;
import org.springframework.jdbc.core.JdbcOperations;

/** The beans of this package. */
@Configuration(proxyBeanMethods = false)
@EnableJdbcRepositories(basePackageClasses = NotifyMetadata.class)
public class NotifyMetadata {

    @Bean
    Routing routing(
            ChannelRepository channels,
            RouteRepository routes,
            EscalationPolicyRepository policies,
            JdbcAggregateOperations aggregates,
            JdbcOperations jdbc) {
        return new Routing(channels, routes, policies, aggregates, jdbc);
    }

    @Bean
    Outbox outbox(JdbcOperations jdbc) {
        return new Outbox(jdbc);
    }
}
