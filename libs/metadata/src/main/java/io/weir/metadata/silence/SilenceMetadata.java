package io.weir.metadata.silence;

import io.weir.metadata.audit.AuditLog;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.jdbc.core.JdbcAggregateOperations;
import org.springframework.data.jdbc.repository.config.EnableJdbcRepositories;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** The beans of this package. */
@Configuration(proxyBeanMethods = false)
@EnableJdbcRepositories(basePackageClasses = SilenceMetadata.class)
public class SilenceMetadata {

    @Bean
    Silences silences(
            SilenceRepository silences,
            MuteWindowRepository muteWindows,
            InhibitionRepository inhibitions,
            JdbcAggregateOperations aggregates,
            AuditLog audit,
            PlatformTransactionManager transactionManager) {
        return new Silences(
                silences, muteWindows, inhibitions, aggregates, audit, new TransactionTemplate(transactionManager));
    }
}
