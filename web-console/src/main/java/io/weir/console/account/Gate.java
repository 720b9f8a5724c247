package io.weir.console.account;

import io.weir.console.api.WatchedProtocol;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import org.apache.catalina.valves.ErrorReportValve;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServer;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * ClickHouse's HTTP interface for BI tools where ClickHouse is the embedded engine, which lets every user read the machine's files by
 * a function. Statements that may call it are refused here, and only from here can a program's account be used: ClickHouse
 * knows it by another password than the program does.
 *
 * <p>What a program may do besides is ClickHouse's to decide: everything else passes as it is.
 */
@Component
@ConditionalOnProperty(name = "weir.accounts.users", havingValue = "file")
public class Gate implements SmartLifecycle {

    private static final int LARGEST_HEAD = 64 * 1024;
    private static final int MOST_CONNECTIONS = 512;
    /** Between two requests, and of whoever does not take an answer; as ClickHouse's. */
    private static final Duration SILENCE = Duration.ofSeconds(30);
    /** Between two packets of a statement. */
    private static final Duration SILENCE_SENDING = Duration.ofSeconds(5);

    private final AccountProperties properties;
    private final GateRequests requests;
    private @Nullable WebServer listening;

    Gate(AccountProperties properties, GateRequests requests) {
        this.properties = properties;
        this.requests = requests;
    }

    @Override
    public synchronized void start() {
        if (properties.gatePort() < 0) {
            return;
        }
        TomcatServletWebServerFactory tomcat = new TomcatServletWebServerFactory(properties.gatePort());
        tomcat.setRegisterDefaultServlet(false);
        try {
            tomcat.setAddress(InetAddress.getByName(properties.gateAddress()));
        } catch (UnknownHostException e) {
            throw new UncheckedIOException("weir.accounts.gate-address is not an address of this machine", e);
        }
        WatchedProtocol.on(tomcat);
        tomcat.addConnectorCustomizers(connector -> {
            // More than may ask at once, so that there is somebody to say so.
            connector.setProperty("maxThreads", Integer.toString(2 * GateRequests.MOST_AT_ONCE));
            connector.setProperty("maxConnections", Integer.toString(MOST_CONNECTIONS));
            connector.setProperty("connectionTimeout", Long.toString(SILENCE.toMillis()));
            connector.setProperty("disableUploadTimeout", "false");
            connector.setProperty("connectionUploadTimeout", Long.toString(SILENCE_SENDING.toMillis()));
            connector.setProperty("maxHttpRequestHeaderSize", Integer.toString(LARGEST_HEAD));
        });
        tomcat.addContextCustomizers(context -> {
            // Where the gate itself has no answer: without it Tomcat's tells its version and what failed where.
            ErrorReportValve errors = new ErrorReportValve();
            errors.setShowReport(false);
            errors.setShowServerInfo(false);
            context.getParent().getPipeline().addValve(errors);
        });
        WebServer created = tomcat.getWebServer(
                context -> context.addServlet("gate", new Door()).addMapping("/*"));
        created.start();
        listening = created;
    }

    @Override
    public synchronized void stop() {
        if (listening != null) {
            listening.stop();
            listening.destroy();
            listening = null;
        }
    }

    @Override
    public synchronized boolean isRunning() {
        return listening != null;
    }

    /** The port that it listens on; -1 if it does not. */
    public synchronized int port() {
        return listening == null ? -1 : listening.getPort();
    }

    private final class Door extends HttpServlet {

        private static final long serialVersionUID = 1;

        @Override
        protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
            requests.answer(request, response);
        }
    }
}
