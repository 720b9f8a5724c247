package io.weir.retention;

import io.weir.task.WeirTask;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** The task retention-purge. */
@SpringBootApplication
public class RetentionPurge {

    public static void main(String[] args) {
        WeirTask.run(RetentionPurge.class, args);
    }
}
