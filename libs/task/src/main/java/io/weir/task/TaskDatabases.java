package io.weir.task;

import com.zaxxer.hikari.HikariDataSource;
import javax.sql.DataSource;
import org.springframework.batch.core.configuration.support.MapJobRegistry;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.batch.autoconfigure.BatchTransactionManager;
import org.springframework.boot.batch.jdbc.autoconfigure.BatchDataSource;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jdbc.autoconfigure.DataSourceProperties;
import org.springframework.cloud.task.configuration.DefaultTaskConfigurer;
import org.springframework.cloud.task.configuration.TaskConfigurer;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Primary;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.util.ClassUtils;

/**
 * The two databases of a task: Data Flow's, in which runs and steps are recorded, and Weir's own, which is what a plain
 * {@code DataSource} or {@code PlatformTransactionManager} means to a job. A job without metadata has the one database for both.
 */
@AutoConfiguration(
        beforeName = {
            "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration",
            "org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration",
            "org.springframework.boot.batch.jdbc.autoconfigure.BatchJdbcAutoConfiguration",
            "org.springframework.cloud.task.configuration.SimpleTaskAutoConfiguration",
            "org.springframework.cloud.task.batch.configuration.TaskBatchAutoConfiguration",
            "org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration"
        })
@EnableConfigurationProperties({DataSourceProperties.class, MetadataProperties.class})
public class TaskDatabases {

    private static final String METADATA = "io.weir.metadata.MetadataConfiguration";

    @Bean(defaultCandidate = false)
    @BatchDataSource
    HikariDataSource executionsDataSource(DataSourceProperties properties) {
        HikariDataSource pool = properties
                .initializeDataSourceBuilder()
                .type(HikariDataSource.class)
                .build();
        pool.setPoolName("executions");
        pool.setMaximumPoolSize(6);
        pool.setMinimumIdle(0);
        return pool;
    }

    @Bean
    @Primary
    DataSource dataSource(
            @BatchDataSource HikariDataSource executions, MetadataProperties properties, ApplicationContext context) {
        if (!properties.url().isEmpty()) {
            HikariDataSource pool = new HikariDataSource();
            pool.setPoolName("metadata");
            pool.setJdbcUrl(properties.url());
            pool.setUsername(properties.username());
            pool.setPassword(properties.password());
            pool.setMaximumPoolSize(properties.poolSize());
            pool.setMinimumIdle(0);
            return pool;
        }
        if (ClassUtils.isPresent(METADATA, context.getClassLoader())) {
            throw new IllegalStateException(
                    "weir.metadata.url is not set: this task needs Weir's own database, which is not Data Flow's");
        }
        return executions;
    }

    @Bean
    @Primary
    PlatformTransactionManager transactionManager(DataSource dataSource) {
        return new JdbcTransactionManager(dataSource);
    }

    @Bean(defaultCandidate = false)
    @BatchTransactionManager
    PlatformTransactionManager executionsTransactionManager(@BatchDataSource HikariDataSource executions) {
        return new JdbcTransactionManager(executions);
    }

    @Bean
    @ConditionalOnMissingBean
    TaskConfigurer taskConfigurer(
            @BatchDataSource HikariDataSource executions, Environment environment, ApplicationContext context) {
        return new DefaultTaskConfigurer(
                executions, environment.getRequiredProperty("spring.cloud.task.table-prefix"), context);
    }

    /** Cloud Task asks for one; neither Batch nor Boot defines it any more. */
    @Bean
    @ConditionalOnMissingBean
    MapJobRegistry jobRegistry() {
        return new MapJobRegistry();
    }
}
