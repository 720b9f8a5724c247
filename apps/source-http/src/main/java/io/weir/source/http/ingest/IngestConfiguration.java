package io.weir.source.http.ingest;

import io.micrometer.core.instrument.MeterRegistry;
import io.weir.source.http.SourceProperties;
import io.weir.source.http.access.Access;
import io.weir.source.http.kafka.EventPublisher;
import java.util.Map;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.web.reactive.handler.SimpleUrlHandlerMapping;
import org.springframework.web.server.WebHandler;
import tools.jackson.databind.ObjectMapper;

/** The ways in. They are plain web handlers: a body is read as it comes, which no annotated controller does. */
@Configuration(proxyBeanMethods = false)
@EnableScheduling
class IngestConfiguration {

    private static final int LARGEST_CHUNK = 64 * 1024;

    @Bean
    SimpleUrlHandlerMapping ingestMapping(
            Access access,
            Receipts receipts,
            EventPublisher publisher,
            SourceProperties properties,
            ObjectMapper json,
            MeterRegistry registry) {
        WebHandler events = new IngestHandler(false, access, receipts, publisher, properties, json, registry);
        WebHandler logs = new IngestHandler(true, access, receipts, publisher, properties, json, registry);
        return new SimpleUrlHandlerMapping(Map.of("/v1/events", events, "/v1/logs", logs), -1);
    }

    /** Not a bean of type NettyServerCustomizer: that is a Function, which Spring Cloud Stream would bind to a topic. */
    @Bean
    WebServerFactoryCustomizer<NettyReactiveWebServerFactory> ingestServer(SourceProperties properties) {
        return factory -> factory.addServerCustomizers(server -> server.readTimeout(properties.readTimeout())
                .httpRequestDecoder(decoder -> decoder.maxChunkSize(LARGEST_CHUNK)));
    }
}
