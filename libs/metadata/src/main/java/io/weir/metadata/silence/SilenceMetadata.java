package io.weir.metadata.silence;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.jdbc.core.JdbcAggregateOperations;
import org.springframework.data.jdbc.repository.config.EnableJdbcRepositories;

/** The beans of this package. */
@Configuration(proxyBeanMethods = false)
@EnableJdbcRepositories(basePackageClasses = SilenceMetadata.class)
public class SilenceMetadata {

    @Bean
    Silences silences(
            SilenceRepository silences,
            MuteWindowRepository muteWindows,
            InhibitionRepository inhibitions,
            JdbcAggregateOperations aggregates) {
        return new Silences(silences, muteWindows, inhibitions, aggregates);
    }
}
