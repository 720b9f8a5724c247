package io.weir.alert;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** One scan: evaluates the rules that are due, decides, delivers, and ends. */
@SpringBootApplication
public class AlertScanApplication {

    public static void main(String[] arguments) {
        System.exit(SpringApplication.exit(SpringApplication.run(AlertScanApplication.class, arguments)));
    }
}
