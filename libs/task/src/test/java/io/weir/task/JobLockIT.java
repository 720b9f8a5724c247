package io.weir.task;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.testing.PostgresServer;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** The lock of a job in a real PostgreSQL. */
class JobLockIT {

    private final DriverManagerDataSource database =
            new DriverManagerDataSource(PostgresServer.shared().freshDataFlowDatabase());
    private final JobLock mine = new JobLock(database, Duration.ZERO);
    private final JobLock anothers = new JobLock(database, Duration.ZERO);

    @AfterEach
    void letGo() {
        endConnections();
    }

    @Test
    void whoHoldsItMayGoOnAndNobodyElseMayBegin() throws Exception {
        try (JobLock.Held held = mine.take("small")) {
            assertThatCode(mine::requireHeld).as(held.toString()).doesNotThrowAnyException();
            assertThatThrownBy(() -> anothers.take("small"))
                    .isInstanceOf(JobIsRunningException.class)
                    .hasMessageContaining("small");
        }
        anothers.take("small").close();
        assertThatCode(mine::requireHeld).doesNotThrowAnyException();
    }

    @Test
    void whoLostItWithItsConnectionIsStoppedBeforeTheNextChange() throws Exception {
        JobLock.Held lost = mine.take("small");
        endConnections();

        try (JobLock.Held other = anothers.take("small")) {
            assertThatThrownBy(mine::requireHeld)
                    .as(other.toString())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("the lock of job small was lost");
        }
        assertThatThrownBy(lost::close).hasMessageContaining("lost");
    }

    /** As a server that fails over does; waits until they have ended. */
    private void endConnections() {
        JdbcClient.create(database)
                .sql("select count(pg_terminate_backend(pid, 60000)) from pg_stat_activity"
                        + " where datname = current_database() and pid != pg_backend_pid()")
                .query(Long.class)
                .single();
    }
}
