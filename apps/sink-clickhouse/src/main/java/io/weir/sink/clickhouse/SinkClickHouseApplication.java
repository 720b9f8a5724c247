package io.weir.sink.clickhouse;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;

/** Stores what stands on a topic in ClickHouse, each record exactly once. */
@SpringBootApplication
@ConfigurationPropertiesScan
public class SinkClickHouseApplication {

    public static void main(String[] args) {
        SpringApplication.run(SinkClickHouseApplication.class, args);
    }
}
