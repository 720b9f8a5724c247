package io.weir.metadata.rule;

import java.time.Clock;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcOperations;

/** The beans of this package. */
@Configuration(proxyBeanMethods = false)
public class RuleMetadata {

    @Bean
    Rules rules(JdbcOperations jdbc) {
        return new Rules(jdbc, Clock.systemUTC());
    }
}
