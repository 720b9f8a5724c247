package io.weir.metadata.account;

import java.time.Clock;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.transaction.PlatformTransactionManager;

/** The beans of this package. */
@Configuration(proxyBeanMethods = false)
public class AccountMetadata {

    @Bean
    WarehouseAccounts warehouseAccounts(JdbcOperations jdbc, PlatformTransactionManager transactionManager) {
        return new WarehouseAccounts(jdbc, transactionManager, Clock.systemUTC());
    }
}
