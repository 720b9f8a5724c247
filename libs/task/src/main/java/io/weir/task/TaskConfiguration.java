package io.weir.task;

import io.weir.warehouse.Warehouse;
import javax.sql.DataSource;
import org.springframework.batch.core.job.Job;
import org.springframework.batch.core.launch.JobOperator;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.batch.jdbc.autoconfigure.BatchDataSource;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.cloud.task.configuration.EnableTask;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Makes a Boot application with one {@link Job} a task: the job runs once, and the process ends with its outcome. */
@AutoConfiguration(
        after = TaskDatabases.class,
        afterName = "org.springframework.boot.batch.autoconfigure.BatchAutoConfiguration")
@EnableTask
@EnableConfigurationProperties({ClickHouseProperties.class, TaskProperties.class})
public class TaskConfiguration {

    @Bean
    @ConditionalOnMissingBean
    Warehouse warehouse(ClickHouseProperties properties) {
        return new Warehouse(properties.settings());
    }

    @Bean
    JobLock jobLock(@BatchDataSource DataSource executions, TaskProperties properties) {
        return new JobLock(executions, properties.lockWait());
    }

    @Bean
    StaleRuns staleRuns(JobRepository repository, @BatchDataSource DataSource executions, Environment environment) {
        return new StaleRuns(
                repository,
                JdbcClient.create(executions),
                environment.getRequiredProperty("spring.cloud.task.table-prefix"),
                environment.getRequiredProperty("spring.application.name"));
    }

    @Bean
    RunRecord runRecord(TaskProperties properties, Environment environment) {
        return new RunRecord(
                new RunMetrics(properties.pushGateway(), environment.getRequiredProperty("spring.application.name")));
    }

    @Bean
    @ConditionalOnBean(Job.class)
    JobRun jobRun(
            Job job,
            JobOperator operator,
            JobRepository repository,
            JobLock lock,
            StaleRuns staleRuns,
            RunRecord record,
            ApplicationEventPublisher events,
            TaskProperties properties,
            ObjectProvider<ProcessEnd> end) {
        return new JobRun(
                job,
                operator,
                repository,
                lock,
                staleRuns,
                record,
                events,
                properties.stopWait(),
                end.getIfAvailable());
    }
}
