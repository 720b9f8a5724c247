package io.weir.console;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;

/** The console and the query API. */
@SpringBootApplication
@ConfigurationPropertiesScan
public class WebConsole {

    public static void main(String[] arguments) {
        SpringApplication.run(WebConsole.class, arguments);
    }
}
