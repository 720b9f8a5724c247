package io.weir.processor.enrich;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;

/** The processor of the event stream: ingest records in, enriched records and dead letters out. */
@SpringBootApplication
@ConfigurationPropertiesScan
public class ProcessorEnrichApplication {
    public static void main(String[] arguments) {
        SpringApplication.run(ProcessorEnrichApplication.class, arguments);
    }
}
