package io.weir.source.http;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;

/** Takes events over HTTP and answers once Kafka has acknowledged them. */
@SpringBootApplication
@ConfigurationPropertiesScan
public class SourceHttpApplication {

    public static void main(String[] args) {
        SpringApplication.run(SourceHttpApplication.class, args);
    }
}
