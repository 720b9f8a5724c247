package io.weir.processor.enrich.stream;

import io.weir.processor.enrich.ProcessorEnrichApplication;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** The application, running within the test. */
final class RunningProcessor implements AutoCloseable {
    private final ConfigurableApplicationContext context;

    private RunningProcessor(ConfigurableApplicationContext context) {
        this.context = context;
    }

    /** @param configurations what the test adds to the application */
    static RunningProcessor start(Topics topics, Map<String, String> options, Class<?>... configurations) {
        Map<String, String> properties = new HashMap<>(topics.properties());
        properties.putAll(options);
        Class<?>[] sources = Stream.concat(Stream.of(ProcessorEnrichApplication.class), Stream.of(configurations))
                .toArray(Class<?>[]::new);
        return new RunningProcessor(new SpringApplicationBuilder(sources)
                .run(properties.entrySet().stream()
                        .map(option -> "--" + option.getKey() + "=" + option.getValue())
                        .toArray(String[]::new)));
    }

    <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    /** The status code of an actuator endpoint. */
    int status(String path) {
        return get(path).statusCode();
    }

    String body(String path) {
        return get(path).body();
    }

    private HttpResponse<String> get(String path) {
        String port = Objects.requireNonNull(context.getEnvironment().getProperty("local.server.port"));
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/actuator/" + path))
                .build();
        try {
            return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        context.close();
    }
}
