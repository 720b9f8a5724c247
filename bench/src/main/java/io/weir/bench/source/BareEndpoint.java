package io.weir.bench.source;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.RequestPredicates;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;

/** A WebFlux endpoint that reads the body, throws it away and answers 202: the least that Boot can do. */
@SpringBootConfiguration
@EnableAutoConfiguration(
        excludeName = {
            "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration",
            "org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration",
            "org.springframework.boot.data.jdbc.autoconfigure.DataJdbcRepositoriesAutoConfiguration",
            "io.weir.metadata.MetadataConfiguration"
        })
public class BareEndpoint {

    private static final String ANSWER = "{\"accepted\":1,\"rejected\":0}";

    public static void main(String[] arguments) {
        SpringApplication application = new SpringApplication(BareEndpoint.class);
        application.setWebApplicationType(WebApplicationType.REACTIVE);
        application.run(arguments);
    }

    @Bean
    RouterFunction<ServerResponse> discard() {
        return RouterFunctions.route(RequestPredicates.POST("/v1/events"), request -> request.body(
                                (message, context) -> message.getBody())
                        .doOnNext((DataBuffer buffer) -> DataBufferUtils.release(buffer))
                        .then(ServerResponse.accepted()
                                .contentType(MediaType.APPLICATION_JSON)
                                .bodyValue(ANSWER)))
                .andRoute(RequestPredicates.GET("/ready"), request -> ServerResponse.ok()
                        .build());
    }
}
