package io.weir.console.sql;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.apache.coyote.AbstractProcessor;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.springframework.boot.tomcat.ConfigurableTomcatWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Whether a client still waits for its answer. Servlets say so only once something is written to a client, and a query may work
 * for a minute before there is anything to write.
 */
@Configuration(proxyBeanMethods = false)
class ClientConnection {

    private static final Field HOOK;
    private static final Method SOCKET;

    static {
        try {
            HOOK = org.apache.coyote.Request.class.getDeclaredField("hook");
            HOOK.setAccessible(true);
            SOCKET = AbstractProcessor.class.getDeclaredMethod("getSocketWrapper");
            SOCKET.setAccessible(true);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private static final String REQUEST = ClientConnection.class.getName();

    @Bean
    WebServerFactoryCustomizer<ConfigurableTomcatWebServerFactory> connectionsThatCanBeLookedAt() {
        return factory -> factory.addEngineValves(new ValveBase(true) {
            @Override
            public void invoke(Request request, Response response) throws IOException, ServletException {
                request.setAttribute(REQUEST, request.getCoyoteRequest());
                getNext().invoke(request, response);
            }
        });
    }

    /**
     * Whether the client has closed its connection. To be asked by the thread that answers the request, after its body was
     * read. What a client sends early stays where Tomcat looks for its next request.
     */
    static boolean isClosed(HttpServletRequest request) {
        if (!(request.getAttribute(REQUEST) instanceof org.apache.coyote.Request connection)) {
            return false;
        }
        SocketWrapperBase<?> socket;
        try {
            // Tomcat has no public way from a request to its connection.
            socket = (SocketWrapperBase<?>) SOCKET.invoke(HOOK.get(connection));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("Tomcat is not the one that this was written for", e);
        }
        try {
            if (socket != null) {
                socket.isReadyForRead();
            }
            return socket == null;
        } catch (IOException e) {
            return true;
        }
    }
}
