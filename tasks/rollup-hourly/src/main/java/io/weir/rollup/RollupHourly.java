package io.weir.rollup;

import io.weir.task.WeirTask;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** The task rollup-hourly. */
@SpringBootApplication
public class RollupHourly {

    public static void main(String[] args) {
        WeirTask.run(RollupHourly.class, args);
    }
}
