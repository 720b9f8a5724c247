package io.weir.dataflow;

import java.util.Map;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.autoconfigure.condition.ConditionalOnExpression;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Gives an end to runs whose process was killed, so that the dashboard shows them as failed and can restart them; else they
 * go on for ever there.
 *
 * <p>A Weir task holds its job's lock in PostgreSQL for as long as it runs, and says so by the job parameter
 * {@code weir.lock}: a run that goes on while nobody has its lock has no process. Runs of other people's jobs are left alone.
 */
@Component
@EnableScheduling
@ConditionalOnExpression("'${spring.datasource.url:}'.startsWith('jdbc:postgresql:')")
class KilledRuns {

    private static final Logger log = LoggerFactory.getLogger(KilledRuns.class);
    private static final String WHY = "The process ended without recording its end";

    private final NamedParameterJdbcTemplate sql;
    private final TransactionTemplate transaction;

    KilledRuns(DataSource dataSource, PlatformTransactionManager transactions) {
        this.sql = new NamedParameterJdbcTemplate(dataSource);
        this.transaction = new TransactionTemplate(transactions);
    }

    @Scheduled(fixedDelay = 5_000)
    void end() {
        sql.queryForList(
                        "select distinct p.parameter_value from boot3_batch_job_execution e"
                                + " join boot3_batch_job_execution_params p using (job_execution_id)"
                                + " where e.status in ('STARTING', 'STARTED', 'STOPPING') and p.parameter_name = 'weir.lock'",
                        Map.of(),
                        String.class)
                .forEach(lock -> transaction.executeWithoutResult(status -> end(lock)));
    }

    private void end(String lock) {
        Map<String, ?> parameters = Map.of("lock", lock, "why", WHY);
        if (!Boolean.TRUE.equals(sql.queryForObject(
                "select pg_try_advisory_xact_lock(hashtext('weir.task'), hashtext(:lock))",
                parameters,
                Boolean.class))) {
            return;
        }
        String going = "(select e.job_execution_id from boot3_batch_job_execution e"
                + " join boot3_batch_job_execution_params p using (job_execution_id)"
                + " where e.status in ('STARTING', 'STARTED', 'STOPPING')"
                + " and p.parameter_name = 'weir.lock' and p.parameter_value = :lock)";
        sql.update(
                "update boot3_task_execution set end_time = localtimestamp, last_updated = localtimestamp, exit_code = 1,"
                        + " error_message = :why where end_time is null and task_execution_id in"
                        + " (select task_execution_id from boot3_task_task_batch where job_execution_id in " + going
                        + ")",
                parameters);
        String failed = " set status = 'FAILED', exit_code = 'FAILED', exit_message = :why, end_time = localtimestamp,"
                + " last_updated = localtimestamp, version = version + 1 where ";
        sql.update(
                "update boot3_batch_step_execution" + failed
                        + "status in ('STARTING', 'STARTED', 'STOPPING') and job_execution_id in " + going,
                parameters);
        int ended =
                sql.update("update boot3_batch_job_execution" + failed + "job_execution_id in " + going, parameters);
        log.warn("{} runs of {} were left behind by processes that are gone; they can be restarted", ended, lock);
    }
}
