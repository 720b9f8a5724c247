package io.weir.alert;

import io.weir.task.WeirTask;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** One scan: evaluates the rules that are due, decides, delivers, and ends. */
@SpringBootApplication
public class AlertScanApplication {

    public static void main(String[] arguments) {
        WeirTask.run(AlertScanApplication.class, arguments);
    }
}
