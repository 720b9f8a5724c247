package io.weir.rollup;

import io.weir.testing.PostgresServer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;
import org.springframework.batch.core.job.Job;
import org.springframework.batch.core.job.JobExecution;
import org.springframework.batch.core.job.parameters.JobParametersBuilder;
import org.springframework.batch.core.launch.JobOperator;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The task, started once in this process on tables of its own, and its job run as often as a test likes. */
final class Task implements AutoCloseable {

    private static final AtomicLong RUNS = new AtomicLong(1000);

    private final PostgresServer postgres = PostgresServer.shared();
    private final Store store;
    private final String clickHouse;
    private final String url = postgres.freshDataFlowDatabase();
    private final ConfigurableApplicationContext context;

    /** @param clickHouse the address of ClickHouse or of what stands before it */
    Task(Store store, String clickHouse) {
        this.store = store;
        this.clickHouse = clickHouse;
        context = new SpringApplication(RollupHourly.class).run(arguments().toArray(String[]::new));
    }

    /** For a process of its own, or another application in this one. */
    List<String> arguments(String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "--spring.datasource.url=" + url,
                "--spring.datasource.username=" + postgres.username(),
                "--spring.datasource.password=" + postgres.password(),
                "--weir.clickhouse.url=" + clickHouse,
                "--weir.clickhouse.username=" + store.server.username(),
                "--weir.clickhouse.password=" + store.server.password(),
                "--weir.clickhouse.database=" + store.database,
                "--weir.rollup.settle=0s"));
        arguments.addAll(List.of(more));
        return arguments;
    }

    /** Does what the program does; gives its exit code. */
    int launch(String... more) {
        return SpringApplication.exit(
                new SpringApplication(RollupHourly.class).run(arguments(more).toArray(String[]::new)));
    }

    /** How each execution of the jobs whose parameter {@code run} is this one ended, in order. */
    List<String> statusOf(String run) {
        return JdbcClient.create(context.getBean(DataSource.class))
                .sql("select e.status from boot3_batch_job_execution e join boot3_batch_job_execution_params p"
                        + " using (job_execution_id) where p.parameter_name = 'run' and p.parameter_value = ?"
                        + " order by e.job_execution_id")
                .param(run)
                .query(String.class)
                .list();
    }

    /** A run of its own. */
    JobExecution run(String... parameters) throws Exception {
        return runAs("run-" + RUNS.incrementAndGet(), parameters);
    }

    /** The run of that name, for the first time or once more. */
    JobExecution runAs(String name, String... parameters) throws Exception {
        JobParametersBuilder builder = new JobParametersBuilder().addString("run", name);
        for (String parameter : parameters) {
            builder.addString(parameter.split("=")[0], parameter.split("=")[1]);
        }
        return context.getBean(JobOperator.class).start(context.getBean(Job.class), builder.toJobParameters());
    }

    @Override
    public void close() {
        context.close();
    }
}
